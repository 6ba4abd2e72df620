"""The rules of where things lie: a test file a module, and nothing shared that one stage uses."""

import ast
from pathlib import Path

import pytest

from components.shared.settings.table import GROUPS

PROJECT = Path(__file__).resolve().parents[1]
ROOTS = ("components", "pipeline")
FACES = "component.py"
"""tests/components/test_faces.py and test_settings_arrive.py call them all."""
DECLARATIONS = {f"components/shared/settings/{group}.py" for group in GROUPS}
"""Groups of settings: test_table.py covers them as a whole."""
OF_NO_MODULE = {
    "components/test_parsers.py": "every parser of text and lists, given anything",
    "components/test_faces.py": "every face, as a cluster calls it",
    "components/test_settings_arrive.py": "every setting, from open_run through the faces",
    "components/test_test_part.py": "that no stage learns or chooses from test images",
    "components/pack_images/test_released_tars.py": "all layouts together",
}
"""Test files that mirror no module, and what they are about."""


def sources() -> dict[str, Path]:
    """Every Python file of the project by its path in it."""
    files = (file for root in ROOTS for file in (PROJECT / root).rglob("*.py"))
    return {file.relative_to(PROJECT).as_posix(): file for file in sorted(files)}


SOURCES = sources()


def has_logic(name: str) -> bool:
    """Whether it is a module with a function or class that no other rule covers."""
    path = Path(name)
    if path.name in ("__init__.py", FACES) or name in DECLARATIONS:
        return False
    body = ast.parse(SOURCES[name].read_text()).body
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body)


def mirror(name: str) -> Path:
    """Where the tests of a module lie."""
    path = Path(name)
    return PROJECT / "tests" / path.parent / f"test_{path.name}"


@pytest.mark.parametrize("name", [name for name in SOURCES if has_logic(name)])
def test_a_module_has_a_test_file_of_its_name(name: str) -> None:
    assert mirror(name).is_file()


def test_a_test_file_has_a_module_of_its_name() -> None:
    tests = PROJECT / "tests"
    files = {
        file.relative_to(tests).as_posix()
        for root in ROOTS
        for file in (tests / root).rglob("test_*.py")
    }
    mirrors = {mirror(name).relative_to(tests).as_posix() for name in SOURCES}
    assert files - mirrors == set(OF_NO_MODULE)


def module(name: str) -> str:
    parts = Path(name).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shared_imports(file: Path) -> set[str]:
    """The modules of components.shared that a file imports itself."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name in MODULES and name.startswith("components.shared")}


MODULES = {module(name): file for name, file in SOURCES.items()}
IMPORTS = {name: shared_imports(file) for name, file in MODULES.items()}


def reached(names: set[str]) -> set[str]:
    """These modules and all that they import in turn."""
    found: set[str] = set()
    left = set(names)
    while left:
        found |= left
        left = {one for name in left for one in IMPORTS[name]} - found
    return found


def users() -> dict[str, set[str]]:
    """For each module of components.shared the stages, and `pipeline`, that come to load it."""
    by_module: dict[str, set[str]] = {}
    for name, imported in IMPORTS.items():
        root, *inside = name.split(".")
        user = inside[0] if root == "components" and inside else root
        if user not in ("shared", "components"):
            for one in reached(imported):
                by_module.setdefault(one, set()).add(user)
    return by_module


NOT_IMPORTED = "components.shared.nodes.node"
"""What the pods of both training stages run with `python -m`."""


def test_what_only_one_stage_uses_lies_in_that_stage() -> None:
    used = users()
    shared = {
        name
        for name, file in MODULES.items()
        if name.startswith("components.shared.") and file.name != "__init__.py"
        if not name.startswith(NOT_IMPORTED)
    }
    assert {name: used.get(name, set()) for name in shared if len(used.get(name, ())) < 2} == {}
