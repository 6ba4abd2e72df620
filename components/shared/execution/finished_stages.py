"""Results of finished stages, kept on one machine, taken again only as they were left.

Who starts stages can ask each to take its finished result or else to do nothing: within
`only_finished` one that would have to work raises `Unfinished`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from components.shared.execution.progress import say
from components.shared.execution.run_folder import copy_linked, read_json
from components.shared.storage.atomic import write_json
from components.shared.storage.fingerprint import arrays_checksum, checksum

RECORD = "finished.json"
OWN = "checksum"
"""Under which a record has the checksum of all else that it says."""

_only_finished: ContextVar[bool] = ContextVar("only_finished", default=False)


class Unfinished(BaseException):
    """A stage would have to work; no error, so nothing that handles errors may handle it."""


@contextmanager
def only_finished() -> Iterator[None]:
    """Have stages take finished results, and do no work, while the context lasts."""
    before = _only_finished.set(True)
    try:
        yield
    finally:
        _only_finished.reset(before)


def refuse_work() -> None:
    """Raise `Unfinished` where stages are to do no work."""
    if _only_finished.get():
        raise Unfinished


def keep(kept: Path, outputs: Mapping[str, Path], record: Mapping[str, Any]) -> None:
    """Keep a stage's outputs and, once they are all there, its record.

    Args:
        kept: A folder of this result's own; what is in it is replaced.
        outputs: Files or folders by name.
        record: What is known of the result, `outputs` with the checksum of each among it.
    """
    (kept / RECORD).unlink(missing_ok=True)
    shutil.rmtree(kept, ignore_errors=True)
    for name, output in outputs.items():
        copy_linked(output, kept / name)
    write_json(kept / RECORD, {**record, OWN: _checksum(record)})


def take(kept: Path, outputs: Mapping[str, Path]) -> dict[str, Any] | None:
    """Put a kept result in its place.

    Args:
        kept: The folder that it was kept in.
        outputs: Where each output belongs, by name.

    Returns:
        Its record; None where there is none. One that is not as it was left is said, and then is
        none.
    """
    if not (kept / RECORD).is_file():
        return None
    record = _read_record(kept / RECORD)
    if record is None:
        _drop(kept, RECORD)
        return None
    for name in outputs:
        if checksum(kept / name) != record["outputs"][name]:
            _drop(kept, name)
            return None
    for name, output in outputs.items():
        copy_linked(kept / name, output)
    return record


def _read_record(file: Path) -> dict[str, Any] | None:
    try:
        record = read_json(file)
    # No JSON, or no text at all.
    except ValueError:
        return None
    own = record.pop(OWN, None) if isinstance(record, dict) else None
    return record if own is not None and own == _checksum(record) else None


def _checksum(record: Mapping[str, Any]) -> str:
    return arrays_checksum({}, json.dumps(dict(record), sort_keys=True))


def _drop(kept: Path, damaged: str) -> None:
    place = kept / damaged
    say(f"{place} is damaged or was changed since its stage finished: the stage is done again")
    (kept / RECORD).unlink()
