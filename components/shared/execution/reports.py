"""What a stage tells MLflow, on disk: a file a stage, a line each thing that it says.

The file lies in the run's folder until the server has it, so that a server that is away costs
nothing; on a cluster it lies, and goes, with the pod.
"""

import fcntl
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.shared.execution.run_folder import run_folder

UNSENT = "unsent"


@dataclass(frozen=True)
class Heading:
    """Whose report it is.

    Attributes:
        task: Name of the run.
        key: Of the task's inputs.
        pipeline_run: The pipeline run's id.
        injected: Id of the MLflow run that KFP made for the task; empty: there is none.
        mark: Of this report alone.
        started: Milliseconds since 1970.
        is_taken: Whether the task's result was finished before, and is taken as it is.
    """

    task: str
    key: str
    pipeline_run: str
    injected: str
    mark: str
    started: int
    is_taken: bool = False


def begin(task: str, key: str, pipeline_run: str, *, is_taken: bool = False) -> Path:
    """Begin the report of a task; returns its file."""
    folder = (run_folder() or Path(tempfile.mkdtemp())) / UNSENT
    folder.mkdir(parents=True, exist_ok=True)
    now, mark = int(time.time() * 1000), uuid.uuid4().hex
    path = folder / f"{now}-{task}-{mark[:8]}.jsonl"
    injected = os.environ.get("MLFLOW_RUN_ID", "")
    add(path, Heading(task, key, pipeline_run, injected, mark, now, is_taken).__dict__)
    return path


def add(path: Path, said: Mapping[str, Any]) -> None:
    """Add a line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


def read(path: Path) -> tuple[Heading, list[dict[str, Any]]]:
    """The heading and what follows it; a line that was cut off by a kill is left out.

    Raises:
        ValueError: There is no heading.
    """
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    if not lines:
        raise ValueError(f"{path} holds no report of a stage: remove it.")
    return Heading(**lines[0]), lines[1:]


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold a report for oneself while the context lasts; gives whether nobody else does."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def left() -> list[Path]:
    """Reports in the run's folder, the oldest first."""
    folder = run_folder()
    return sorted((folder / UNSENT).glob("*.jsonl")) if folder else []
