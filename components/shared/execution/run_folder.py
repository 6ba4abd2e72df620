"""The folder of a run on one machine: what its stages leave there, and whoever started it reads.

The environment names it (`DEVISE_RUN_DIR`), and the folder of finished stages that several runs can
share (`DEVISE_STAGES_DIR`). On a cluster neither is set.
"""

import fcntl
import json
import os
import shutil
import time
import traceback
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.shared.storage.atomic import write_json

TASKS, STARTED, FAILURES, STAGES = "tasks", "started", "failures", "stages"
LOCK = ".lock"
"""Held as long as a run is at work in the folder."""


def run_folder() -> Path | None:
    """The folder of a run on this machine; None on a cluster."""
    folder = os.environ.get("DEVISE_RUN_DIR")
    return Path(folder) if folder else None


def finished_folder() -> Path | None:
    """Where finished stages of a run on this machine are kept; several runs can share it."""
    shared, own = os.environ.get("DEVISE_STAGES_DIR"), run_folder()
    return Path(shared) if shared else own / STAGES if own else None


def leave(kind: str, name: str, content: Mapping[str, Any]) -> None:
    """Leave a record in the run's folder, where there is one: `<kind>/<name>.json`."""
    folder = run_folder()
    if folder is not None:
        write_json(folder / kind / f"{name}.json", content)


def records(folder: Path, kind: str) -> list[dict[str, Any]]:
    """What the stages left of one kind in a run's folder, by file name."""
    return [read_json(file) for file in sorted((folder / kind).glob("*.json"))]


def is_at_work(folder: Path) -> bool:
    """Whether a process works in a run's folder; of one that is not there nobody knows, so yes."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


@contextmanager
def record_failure(task: str) -> Iterator[None]:
    """Leave what a task fails with in the run's folder, for whoever started the run.

    A task that is ended by a signal (SystemExit, KeyboardInterrupt) has not failed.
    """
    try:
        yield
    except Exception as error:
        failure = {"task": task, "type": type(error).__name__, "message": str(error)}
        leave(FAILURES, task, {**failure, "traceback": traceback.format_exc(), "time": time.time()})
        raise


def copy_linked(source: Path, target: Path, without: Collection[str] = ()) -> None:
    """Copy a file or folder by hard links; by bytes where the file systems differ.

    Args:
        source: The file or folder.
        target: Its copy.
        without: Names of files in the folder that are left out.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        left_out = shutil.ignore_patterns(*without)
        shutil.copytree(source, target, ignore=left_out, copy_function=_link, dirs_exist_ok=True)
    else:
        _link(str(source), str(target))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def read_json(path: Path) -> dict[str, Any]:
    """Content of a JSON file that holds an object."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
