import pytest

from course_lib.checks import record


@pytest.fixture(autouse=True)
def own_record(tmp_path, monkeypatch):
    """A record of its own for every test, and no word yet said about it."""
    path = tmp_path / "record" / "progress.json"
    monkeypatch.setenv("COURSE_RECORD", str(path))
    monkeypatch.setattr(record, "_told", set())
    return path


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests set forward, in days."""

    class Clock:
        time = 1_700_000_000.0

        def pass_days(self, days):
            self.time += days * 86_400

    found = Clock()
    monkeypatch.setattr(record, "now", lambda: found.time)
    return found
