"""INSTRUCTORS.md says how to add an exercise and a chapter: done here, as it says."""

import os
import re
import shutil
import subprocess
import sys

from course_lib.authoring.kernel import ROOT

PAGE = (ROOT / "solutions" / "INSTRUCTORS.md").read_text(encoding="utf-8")
TRY = """
from course_lib.checks import check, hint, progress
from course_lib.checks.bank import find
exercise = find("05d")
check("05d", exercise.reference)
check("05d", exercise.wrong["no_slope"])
hint("05d")
check("17a", 9)
check("17a", 6)
progress()
"""


def block(language, containing):
    """The example of a language on the page that holds these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [text for text in blocks if containing in text]
    return found


def test_an_exercise_and_a_chapter_are_added_as_the_page_says(tmp_path):
    library = tmp_path / "course_lib"
    shutil.copytree(ROOT / "course_lib", library, ignore=shutil.ignore_patterns("__pycache__"))
    code, texts = block("python", "EXERCISES"), block("toml", "05d")
    assert len([line for line in code.splitlines() if line.strip()]) <= 20

    bank, messages = library / "checks" / "bank", library / "checks" / "messages"
    for path, addition in (
        (bank / "c05_backprop_without_forks.py", code),
        (messages / "05_backprop_without_forks.toml", texts),
    ):
        path.write_text(path.read_text(encoding="utf-8") + "\n\n" + addition, encoding="utf-8")

    table = library / "chapters.py"
    entry = '    Chapter(17, "17_attention", "Attention", 60),\n)\n'
    table.write_text(re.sub(r"\)\n\Z", entry, table.read_text(encoding="utf-8")), encoding="utf-8")
    (bank / "c17_attention.py").write_text(
        "from ..exercise import NUMBER, Exercise\n"
        "def square(x):\n"
        "    return x * x\n"
        "EXERCISES = [Exercise('17a', square, (3,), None, {'doubled': lambda x: 2 * x}, NUMBER)]\n",
        encoding="utf-8",
    )
    (messages / "17_attention.toml").write_text(
        '[17a]\ntask = "three squared"\nhints = ["What times what?", "", ""]\nworked = ""\n'
        '[17a.wrong.doubled]\nname = "doubled"\ntext = "{found} is 3 + 3. What times what?"\n',
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stderr == ""
    said = run.stdout
    assert said.startswith("✓ 05d: Right.\n✗ 05d: Not yet. [")
    assert "is w2 δ_z2, the signal at a1. Which operation" in said
    assert "→ 05d, hint 1 of 4: If b1's first entry" in said
    assert "✓ 17a: Right.\n✗ 17a: Not yet. 6 is 3 + 3. What times what?" in said
    assert re.search(r"^17 Attention +◆ a$", said, re.MULTILINE)
