"""Whole runs, made once, that many tests look at."""

import json
import os
import shutil
from pathlib import Path

import pytest
from support.commands import SMALL, Run, environment, finished, pipeline_command, printed, settings
from support.made_once import made_once


@pytest.fixture(scope="session")
def quickstart_data(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        output = str(folder / "quickstart")
        done = pipeline_command(
            project, "data", "quickstart", "--output", output, env=dict(os.environ)
        )
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "data", make) / "quickstart"


def quickstart_run(project: Path, data: Path, folder: Path, *options: str) -> Run:
    output = folder / "run"
    told = printed(
        project,
        *("run", "--preset", "quickstart", "--output", str(output)),
        *(*settings(str(data)), *options),
        env=environment(folder),
    )
    return finished(output, told)


@pytest.fixture(scope="session")
def quickstart(
    project: Path, quickstart_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The quickstart, as `make run` runs it."""
    return quickstart_run(project, quickstart_data, tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="session")
def small_run(
    project: Path,
    quickstart_data: Path,
    empty_database: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """An undisturbed short run; its metrics are those that it had, whatever is done to it."""

    def make(folder: Path) -> None:
        shutil.copyfile(empty_database, folder / "mlflow.db")
        done = quickstart_run(project, quickstart_data, folder, *SMALL)
        (folder / "text").write_text(done.text)
        (folder / "metrics.json").write_text(json.dumps(done.metrics))

    folder = made_once(tmp_path_factory, "small", make)
    metrics = json.loads((folder / "metrics.json").read_text())
    return Run(folder / "run", (folder / "text").read_text(), metrics)


@pytest.fixture
def own_database(empty_database: Path, tmp_path: Path) -> None:
    """What the test's commands find where `environment` says that MLflow is."""
    shutil.copyfile(empty_database, tmp_path / "mlflow.db")
