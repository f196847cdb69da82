"""The arena that the attacks of a module share."""

import pytest
from security.hostile import arena_of


@pytest.fixture(scope="module")
def arena(tmp_path_factory):
    with arena_of(tmp_path_factory.mktemp("outside")) as found:
        yield found
