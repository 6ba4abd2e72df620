"""Files that appear under their name whole or not at all: written aside, then renamed."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ASIDE = ".aside"
"""How the names of unfinished files end; where a writer was killed, one stays."""


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to, whose file takes the target's place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, as only within one file system a rename is one step.
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}{ASIDE}")
    try:
        yield aside
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a text file in UTF-8."""
    with written_aside(target) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(target: Path, content: Any, *, sort_keys: bool = False) -> None:
    """Write JSON for people and programs: indented, letters as they are, a line at the end."""
    text = json.dumps(content, indent=1, sort_keys=sort_keys, ensure_ascii=False)
    write_text(target, text + "\n")
