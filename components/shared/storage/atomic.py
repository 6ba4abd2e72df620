"""Files that appear under their name whole or not at all: written aside, then renamed."""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ASIDE = ".aside"
"""How the names of the folders end that unfinished files lie in; a killed writer leaves its own."""


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to, whose file takes the target's place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder, descriptor = _held_aside(target)
    try:
        yield folder / target.name
        (folder / target.name).replace(target)
    finally:
        shutil.rmtree(folder)
        os.close(descriptor)


def _held_aside(target: Path) -> tuple[Path, int]:
    """Make a folder that is locked by the descriptor beside it."""
    while True:
        # Beside the target, as only within one file system a rename is one step; in a folder, as
        # whoever writes may itself write a file aside.
        folder = target.with_name(f".{target.name}.{uuid.uuid4().hex}{ASIDE}")
        folder.mkdir()
        # Before it is locked, another may take it for what a killed writer left.
        with suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


@contextmanager
def _held(folder: Path, mode: int) -> Iterator[None]:
    """Lock a folder; the lock goes with the process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def is_aside(name: str) -> bool:
    """Whether a folder of this name is one that an unfinished file lies in."""
    return name.startswith(".") and name.endswith(ASIDE)


def remove_half_files(folder: Path) -> int:
    """Remove what killed writers left anywhere below a folder, and nothing that is being written.

    Returns:
        How many files there were.
    """
    # os.walk passes over folders that vanish meanwhile: others may write here.
    left = [
        Path(place, name)
        for place, folders, _ in os.walk(folder)
        for name in folders
        if is_aside(name)
    ]
    return sum(map(_removed, left))


def _removed(left: Path) -> bool:
    try:
        with _held(left, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(left)
    # It is being written, or was when it was listed.
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def write_text(target: Path, text: str) -> None:
    """Write a text file in UTF-8."""
    with written_aside(target) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(target: Path, content: Any, *, sort_keys: bool = False) -> None:
    """Write JSON for people and programs: indented, letters as they are, a line at the end."""
    text = json.dumps(content, indent=1, sort_keys=sort_keys, ensure_ascii=False)
    write_text(target, text + "\n")
