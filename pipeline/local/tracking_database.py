"""The SQLite database of MLflow's runs where there is no server: made whole, or not at all.

MLflow makes its tables in some seconds, and one that was stopped meanwhile can never be opened
again; nor can two processes make them at once. Here the database is made beside its place, by
whoever holds a lock, and renamed.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from components.shared.execution.tracking import DATABASE
from components.shared.storage.atomic import written_aside

_PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""
_MAKE = (
    "import sys; from mlflow import MlflowClient; MlflowClient(sys.argv[1]).search_experiments()"
)


def tracking_uri() -> str:
    """The MLflow server that the environment names, or a database of our own in runs/."""
    own = f"{DATABASE}{Path.cwd() / 'runs' / 'mlflow.db'}"
    return os.environ.get("MLFLOW_TRACKING_URI") or own


def database_of(uri: str) -> Path | None:
    """The file of a tracking address; None where it is a server's."""
    path, _, _ = uri.removeprefix(DATABASE).partition("?")
    return Path(path) if uri.startswith(DATABASE) else None


def make_database(uri: str) -> None:
    """Make the database of a tracking address where there is none yet; one run at a time.

    Raises:
        ValueError: It cannot be made, or what is there is no database of MLflow's.
    """
    file = database_of(uri)
    if file is None:
        return
    if not _is_there(file):
        with _alone(file):
            # Another run may have made it meanwhile.
            if not _is_there(file):
                _make(file)
    _check(file)


def _is_there(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = file.with_name(f".{file.name}.lock").open("w")
    except OSError as error:
        raise ValueError(
            f"The MLflow database {file} cannot be made ({error.strerror}): start in another "
            "folder, or name a server in MLFLOW_TRACKING_URI."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(file: Path) -> None:
    with written_aside(file.absolute()) as aside:
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        command = [sys.executable, "-c", _MAKE, f"{DATABASE}{aside}"]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if made.returncode:
            raise ValueError(f"MLflow could not make {file}:\n{made.stderr[-2000:]}")


def _check(file: Path) -> None:
    try:
        # To be written to: what a killed writer left half done is taken back only then.
        with closing(sqlite3.connect(_as_it_is(file), uri=True, timeout=_PATIENCE)) as opened:
            found = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return
        raise _not_mlflows(file, str(error)) from error
    if found is None:
        raise _not_mlflows(file, "it has no version")


def _as_it_is(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=rw"


def _not_mlflows(file: Path, reason: str) -> ValueError:
    return ValueError(
        f"{file} is damaged, or no database of MLflow's ({reason}): move it away, and a new one "
        "is made, without the runs that it lists."
    )
