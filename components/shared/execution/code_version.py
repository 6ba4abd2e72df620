"""A stage's code version: a hash of every source file of the project that the stage can import.

Editing a file changes the version of the stages that use it and of no other, so that a cached or
finished result of untouched code stays good. An image holds the same files under the same paths, so
that a stage in its container computes the same version.
"""

import ast
import hashlib
import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LENGTH = 16
SOURCES = (".py", ".css", ".js")

# These move and report data and compute none: editing them cannot change a result.
CARRIERS = frozenset(
    f"components.shared.{name}"
    for name in (
        *("execution.code_version", "execution.pod", "execution.progress", "execution.stage"),
        *("execution.stage_run", "execution.tracking"),
        *("settings.parameter", "settings.preflight", "storage.checkpoint", "storage.store"),
    )
)


IMPORT = re.compile(
    r"^[ \t]*(from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*\)|[^\n]*)|import[ \t][^\n]*)",
    re.MULTILINE,
)
"""A statement that imports, and now and then a line of a text that looks like one."""


def imported_modules(file: Path) -> set[str]:
    """Names of the modules that a source file imports anywhere, also inside functions."""
    return set(_imports(file.read_text(encoding="utf-8")))


# Most files are those of several stages.
@cache
def _imports(source: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _parsed(source: str) -> ast.Module:
    """What of a module imports; all of it where that cannot be told apart so."""
    try:
        # The whole takes three times as long, and a run asks for every stage.
        return ast.parse("\n".join(IMPORT.findall(source)))
    except SyntaxError:
        return ast.parse(source)


def _file_of(root: Path, module: str) -> Path | None:
    path = root.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def source_files(stage: str, left_out: Collection[str] = CARRIERS) -> list[Path]:
    """The stage's own files and the project files they import, directly or not, sorted.

    Args:
        stage: The stage's name.
        left_out: Modules that are not followed, nor what only those import; unless said otherwise
            those that only move and report data.
    """
    return list(_reached(ROOT, stage, frozenset(left_out)))


# A process has imported what it has: what it imports is looked for once.
@cache
def _reached(root: Path, stage: str, left_out: frozenset[str]) -> tuple[Path, ...]:
    own = (root / "components" / stage).rglob("*")
    waiting = sorted(file for file in own if file.suffix in SOURCES)
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        # What a module reads lies beside it under its name.
        beside = file.with_suffix(".json")
        waiting.extend([beside] if file.suffix == ".py" and beside.is_file() else [])
        names = imported_modules(file) - left_out if file.suffix == ".py" else set()
        ours = (name for name in names if name.startswith("components"))
        waiting.extend(path for name in ours if (path := _file_of(root, name)) is not None)
    return tuple(sorted(found))


# Of the code that a process has imported, not of what the files became since.
@cache
def code_version(stage: str) -> str:
    """Hexadecimal hash, 16 characters, of the stage's source files and their paths.

    Within a process it is the same for ever, as the code is that it imported.
    """
    return hash_of(source_files(stage))


def hash_of(files: Iterable[Path]) -> str:
    """Hexadecimal hash, 16 characters, of files of the project and their paths."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:LENGTH]
