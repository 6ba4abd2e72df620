"""Whole runs, made once, that many tests look at."""

import os
from pathlib import Path

import pytest
from support.commands import SMALL, Run, environment, finished, pipeline_command, settings


@pytest.fixture(scope="session")
def quickstart_data(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "quickstart"
    done = pipeline_command(
        project, "data", "quickstart", "--output", str(folder), env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    return folder


def quickstart_run(project: Path, data: Path, folder: Path, *options: str) -> Run:
    output = folder / "run"
    done = pipeline_command(
        project,
        *("run", "--preset", "quickstart", "--output", str(output)),
        *(*settings(str(data)), *options),
        env=environment(folder),
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return finished(output, done.stdout)


@pytest.fixture(scope="session")
def quickstart(
    project: Path, quickstart_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The quickstart, as `make run` runs it."""
    return quickstart_run(project, quickstart_data, tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="session")
def small_run(
    project: Path, quickstart_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """An undisturbed short run."""
    return quickstart_run(project, quickstart_data, tmp_path_factory.mktemp("small"), *SMALL)
