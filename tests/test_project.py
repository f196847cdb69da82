"""Promises that hold for the repository as a whole, whatever is added to it."""

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "course_lib"
NOT_OURS = (".venv", "my_course", "build", "__pycache__")


def tracked_files():
    """The repository's files; of a download without git history, those that tools did not make."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    git = shutil.which("git") and subprocess.run(listing, cwd=ROOT, capture_output=True)
    if git and git.returncode == 0:
        paths = [ROOT / name for name in git.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not ignored(path.relative_to(ROOT))]
    return sorted(path for path in paths if path.is_file())


def ignored(path):
    made = path.parts[0] in NOT_OURS or "__pycache__" in path.parts
    hidden = any(part.startswith(".") and part != ".ci" for part in path.parts[:-1])
    return made or hidden or path.parts[0].endswith(".egg-info")


def text_files():
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data:
            yield path, data.decode("utf-8")


def python_files():
    return [path for path in tracked_files() if path.suffix == ".py"]


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def where(path, node):
    return f"{path.relative_to(ROOT)}:{node.lineno}"


# --- dependencies --------------------------------------------------------------------------------


def lower_bounds(lines):
    """{name: lower bound} of requirement lines such as "numpy>=2.0,<3"."""
    found = {}
    for line in lines:
        name, bound = re.fullmatch(r"([\w.-]+)>=([\d.]+)(?:,<\d+)?", line).groups()
        found[name] = bound
    return found


def test_requirements_are_what_pyproject_says():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    asked = project["dependencies"] + extras["lessons"] + extras["tests"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert listed.pop() == "-e ."
    assert lower_bounds(listed) == lower_bounds(asked)
    assert all(",<" in line for line in listed), "every requirement needs an upper major"


# --- files ---------------------------------------------------------------------------------------


def test_no_file_names_a_folder_of_somebodys_machine():
    # "ada" is the invented user of examples
    folder = r"(?:/(?:home|Users)/|[A-Z]:\\+Users\\+)(?!ada\b)\w|/(?:root|work)/\w"
    private = re.compile(rf"(?:^|[\s\"'(=:])(?:{folder})", re.M)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in text_files()
        for match in private.finditer(text)
    ]
    assert found == []


def test_every_text_file_ends_its_lines_the_same_way():
    assert [path.name for path, text in text_files() if "\r" in text] == []
    assert [path.name for path, text in text_files() if text and not text.endswith("\n")] == []


def opens_text_without_encoding(call):
    """Whether a call opens a file as text and leaves the encoding to the machine."""
    if isinstance(call.func, ast.Name):
        name, owner = call.func.id, None
    elif isinstance(call.func, ast.Attribute):
        name, owner = call.func.attr, getattr(call.func.value, "id", None)
    else:
        return False
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ("run", "Popen", "check_output") and owner == "subprocess":
        return ("text" in keywords or "universal_newlines" in keywords) and (
            "encoding" not in keywords
        )
    if name not in ("open", "read_text", "write_text", "NamedTemporaryFile"):
        return False
    if isinstance(call.func, ast.Name) and name == "read_text":
        return False  # the library's reader, which finds out
    if owner in ("os", "webbrowser", "zipfile", "tarfile", "archive", "Image", "data"):
        return False
    modes = [*call.args, keywords.get("mode")]
    binary = any(
        isinstance(mode, ast.Constant) and re.fullmatch(r"[rwax+]*b[rwax+]*", str(mode.value))
        for mode in modes
    )
    by_default_binary = name == "NamedTemporaryFile" and "mode" not in keywords and not call.args
    return not (binary or by_default_binary or "encoding" in keywords)


def test_every_file_is_opened_with_an_explicit_encoding():
    found = [
        where(path, node)
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and opens_text_without_encoding(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('a')", True),
        ("open('a', 'w')", True),
        ("path.open()", True),
        ("path.read_text()", True),
        ("read_text(path)", False),
        ("data.read_text(path)", False),
        ("path.write_text(text)", True),
        ("subprocess.run(c, text=True)", True),
        ("open('a', encoding='utf-8')", False),
        ("open('a', 'rb')", False),
        ("path.open('wb')", False),
        ("path.open(mode='ab')", False),
        ("os.open('a', 0)", False),
        ("subprocess.run(c, capture_output=True)", False),
    ],
)
def test_the_check_of_encodings_sees_what_it_should(code, expected):
    assert opens_text_without_encoding(ast.parse(code).body[0].value) == expected


# --- the library ---------------------------------------------------------------------------------


def test_the_engine_fits_on_a_few_pages():
    lines = (LIBRARY / "graph.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 100


# Each row may import from its own row and from those above it, never from those below.
LAYERS = [
    {"chapters", "files", "progress", "rows", "values", "graph", "text"},
    {"functions", "convolution"},
    {"layers", "losses"},
    {"optimizers", "training"},
    {"data"},
    {"models"},
    {"commands"},
    {"plotting", "explore", "checks", "drawing"},
    {"grading"},
]
DRAWS = {"plotting", "drawing", "explore", "checks", "grading", "authoring", "setup"}


def part_of(path):
    """The part of the library that a file belongs to: a module's or a subpackage's name."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports_of(path):
    """(node, dotted name) of everything that a file of the library imports, wherever it does."""
    package = ["course_lib", *path.relative_to(LIBRARY).parts[:-1]]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)


def library_imports():
    """(where, importing part, imported part), between parts of the library."""
    for path in sorted(LIBRARY.rglob("*.py")):
        for node, name in imports_of(path):
            if name.startswith("course_lib."):
                yield where(path, node), part_of(path), name.split(".")[1]


def test_the_imports_of_the_library_are_seen():
    seen = {(importer, imported) for _, importer, imported in library_imports()}
    assert {("functions", "graph"), ("training", "optimizers"), ("__init__", "layers")} <= seen


def test_imports_run_one_way():
    height = {name: number for number, names in enumerate(LAYERS) for name in names}
    wrong = [
        f"{place}: {importer} imports {imported}"
        for place, importer, imported in library_imports()
        if importer in height and height.get(imported, 0) > height[importer]
    ]
    assert wrong == []


def test_no_two_parts_import_each_other():
    imported_by = {}
    for _, importer, imported in library_imports():
        if importer not in ("__init__", imported):
            imported_by.setdefault(importer, set()).add(imported)
    done = set()
    while imported_by:
        free = {
            part for part, needs in imported_by.items() if not (needs - done) & set(imported_by)
        }
        assert free, f"these import each other: {imported_by}"
        done |= free
        imported_by = {part: needs for part, needs in imported_by.items() if part not in free}


def test_calculus_stands_alone():
    """It checks the engine, so it may not lean on it."""
    assert [place for place, importer, _ in library_imports() if importer == "calculus"] == []


def test_only_what_draws_imports_what_draws():
    wrong = [
        f"{where(path, node)}: {name}"
        for path in sorted(LIBRARY.rglob("*.py"))
        if part_of(path) not in DRAWS
        for node, name in imports_of(path)
        if name.split(".")[0] in ("matplotlib", "ipywidgets", "anywidget")
    ]
    assert wrong == []


# --- the pages -----------------------------------------------------------------------------------


def test_the_readme_is_short_and_asks_for_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) < 150
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.M | re.S)
    commands = {line for block in blocks for line in block.splitlines() if "start.py" in line}
    assert {line.split("#")[0].strip() for line in commands} == {
        "python start.py",
        "python start.py test",
    }


PAGES = [path for path in tracked_files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_points_to_exists(page):
    targets = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    here = [target for target in targets if not target.startswith(("https:", "#"))]
    assert [target for target in here if not (page.parent / target.split("#")[0]).exists()] == []


def test_the_pages_are_seen():
    names = {page.name for page in PAGES}
    assert {"README.md", "LECTURING.md", "INSTRUCTORS.md"} <= names
