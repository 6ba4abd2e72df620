"""The folder that a run writes to: a new one or a run's own, and one run's at a time."""

import fcntl
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from components.shared.execution.finished_stages import RECORD
from components.shared.execution.run_folder import LOCK, STAGES
from pipeline.local.run_id import run_id_of

LOCK_SECONDS = 5.0
"""How long a stage may live on whose run was killed: it ends with its run."""
OURS = "Runs of DeViSE keep their results here, and lock this file while they go on.\n"


@contextmanager
def claimed(output: Path) -> Iterator[int]:
    """Make a folder a run's own, and keep other runs out while the context lasts.

    Yields:
        The lock's descriptor: who holds it, as the stages' processes do, holds the folder.

    Raises:
        ValueError: The folder is somebody else's or another run's, or cannot be written to.
    """
    refuse_foreign(output)
    with _opened(output) as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _is_locked(lock):
            if time.monotonic() > deadline:
                raise ValueError(
                    f"Another run is writing to {output}, or a stage of one that was killed is "
                    "still at work: wait for it, or give another --output."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(OURS)
        lock.flush()
        yield lock.fileno()


def _is_locked(lock: TextIO) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(output: Path) -> TextIO:
    try:
        output.mkdir(parents=True, exist_ok=True)
        return (output / LOCK).open("a", encoding="utf-8")
    except OSError as error:
        raise _not_usable(output, error) from error


def _not_usable(output: Path, error: OSError) -> ValueError:
    return ValueError(
        f"--output {output} cannot be read and written to ({error.strerror}): let this user do so, "
        "or name another folder."
    )


def refuse_foreign(output: Path) -> None:
    """Refuse a folder with files that no run has left there, before anything is written.

    Raises:
        ValueError: It is such a folder, or no folder, or cannot be read.
    """
    try:
        names = {path.name for path in output.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise ValueError(f"--output {output} is, or lies in, a file: name a folder.") from error
    except OSError as error:
        raise _not_usable(output, error) from error
    if names and not _is_ours(output, names):
        raise ValueError(
            f"--output {output} holds what no run has left there, such as {min(names)!r}: name a "
            "new folder, or an empty one."
        )


def _is_ours(output: Path, names: Collection[str]) -> bool:
    """Whether a run marked the folder; each mark can be damaged, and older runs wrote no lock."""
    lock = output / LOCK
    mark = lock.read_bytes() if lock.is_file() else b""
    # One that was killed at once leaves nothing but an empty lock.
    empty = set(names) == {LOCK} and not mark
    finished = any((output / STAGES).glob(f"*/*/{RECORD}"))
    return empty or finished or mark == OURS.encode() or run_id_of(output) is not None
