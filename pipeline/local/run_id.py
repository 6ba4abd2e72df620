"""The id of the run in a folder, by which the same command finds its MLflow run again."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path

from components.shared.execution.progress import say
from components.shared.settings.parameter import Value
from components.shared.storage.atomic import write_text

FILE = "run_id"
_CONTENT = re.compile(r"([0-9a-f]{32}) ([0-9a-f]{16})\s*")
"""The id, and a hash of the values that it is of."""


def set_run_id(output: Path, values: Mapping[str, Value]) -> None:
    """Keep the id in the folder, or give a new one to a run of other values.

    MLflow refuses another value of a logged parameter: other parameters are another run.
    """
    text = json.dumps(dict(values), sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
    known = _read(output)
    if known is None and (output / FILE).exists():
        say(f"{output / FILE} is damaged: the run begins a new MLflow run")
    if known is None or known[1] != fingerprint:
        write_text(output / FILE, f"{uuid.uuid4().hex} {fingerprint}\n")


def run_id_of(output: Path) -> str | None:
    """The id of the run in a folder; None where there is none that can be read."""
    known = _read(output)
    return known[0] if known else None


def _read(output: Path) -> tuple[str, str] | None:
    file = output / FILE
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    found = _CONTENT.fullmatch(text)
    return (found[1], found[2]) if found else None
