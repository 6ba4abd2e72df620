"""The database is MLflow's own, made by MLflow."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.local.tracking_database import database_of, make_database, tracking_uri

FIRST_RUN = """
import sys
from components.shared.execution.tracking import open_parent
from pipeline.local.tracking_database import make_database
make_database(sys.argv[1])
open_parent("devise", "first", {})
"""


def first_run(project: Path, uri: str, run_id: str) -> subprocess.Popen[bytes]:
    """What a first run does with MLflow in its first seconds, as a process of its own."""
    tracked = {"MLFLOW_TRACKING_URI": uri, "KFP_RUN_ID": run_id}
    command = [sys.executable, "-c", FIRST_RUN, uri]
    return subprocess.Popen(
        command, cwd=project, env={**os.environ, **tracked}, start_new_session=True
    )


def names_of_runs(file: Path) -> list[str]:
    with sqlite3.connect(file) as opened:
        return [name for (name,) in opened.execute("SELECT name FROM runs")]


def test_without_a_server_the_tracking_is_a_database_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tracking_uri() == f"sqlite:///{tmp_path}/runs/mlflow.db"
    assert not (tmp_path / "runs").exists()


def test_a_first_run_stopped_while_it_is_made_leaves_none_and_two_at_once_share_one(
    project: Path, tmp_path: Path
) -> None:
    file = tmp_path / "runs" / "mlflow.db"
    stopped = first_run(project, f"sqlite:///{file}", "stopped")
    while not any(half.stat().st_size for half in tmp_path.rglob(f".*/{file.name}")):
        assert stopped.poll() is None
        time.sleep(0.01)
    os.killpg(stopped.pid, signal.SIGKILL)
    stopped.wait()
    assert not file.exists()
    two = [first_run(project, f"sqlite:///{file}", run_id) for run_id in ("one", "other")]
    assert [process.wait() for process in two] == [0, 0]
    assert names_of_runs(file) == ["first", "first"]


def test_a_server_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_of("http://127.0.0.1:5000") is None
    assert database_of("sqlite:////runs/mlflow.db?timeout=5") == Path("/runs/mlflow.db")
    make_database("http://127.0.0.1:5000")
    assert list(tmp_path.iterdir()) == []


def half_made(file: Path) -> None:
    with sqlite3.connect(file) as opened:
        opened.execute("CREATE TABLE runs (name TEXT)")


@pytest.mark.parametrize("how", ["half made", "no database"])
def test_what_is_no_whole_database_is_refused_by_name_and_left_alone(
    tmp_path: Path, how: str
) -> None:
    file = tmp_path / "mlflow.db"
    half_made(file) if how == "half made" else file.write_bytes(b"mine" * 100)
    before = file.read_bytes()
    with pytest.raises(ValueError, match=r"mlflow\.db is damaged, or no database of MLflow's"):
        make_database(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ValueError, match=r"notes/mlflow\.db cannot be made \(File exists\)"):
        make_database(f"sqlite:///{tmp_path}/notes/mlflow.db")
