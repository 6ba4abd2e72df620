"""Fixtures of all tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from hypothesis import settings
from support.made_once import made_once
from support.ports import free_port, wait_for_port
from support.s3_server import s3_serving

# No test asserts a time: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# A shell has what it starts in the background ignore Ctrl-C, which some tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)

PROJECT = Path(__file__).resolve().parents[1]
SHARED_DATA = PROJECT.parent / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs first: the last file is a short one, whichever process gets it."""
    items.sort(key=lambda item: (PROJECT / "tests" / "e2e") not in item.path.parents)
    of_gpus = [item for item in items if item.get_closest_marker("gpu")]
    if of_gpus and not has_gpu():
        for item in of_gpus:
            item.add_marker(pytest.mark.skip(reason="there is no GPU that torch can use"))


def has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data are not at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def no_tracking_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "DEVISE_RUN_DIR", "KFP_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3 server; yields the environment that reaches it. It has a bucket `devise`."""
    with s3_serving(tmp_path_factory.mktemp("s3"), "devise") as reached:
        yield reached


@pytest.fixture
def s3(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment points at the S3 server; gives the address of an empty prefix."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    return f"s3://devise/{time.monotonic_ns()}"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow takes seconds to make its tables, so they are made once and copied."""

    def make(folder: Path) -> None:
        from pipeline.local.tracking_database import make_database

        make_database(f"sqlite:///{folder}/mlflow.db")

    return made_once(tmp_path_factory, "database", make) / "mlflow.db"


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server; yields its address."""
    folder = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
    # As the project's own: its jobs would be eight processes more.
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        wait_for_port(port, process)
        address = f"http://127.0.0.1:{port}"
        # Its first answer takes many times as long as the others.
        with urlopen(f"{address}/api/2.0/mlflow/experiments/search?max_results=1") as answer:
            answer.read()
        yield address
    finally:
        process.terminate()
        process.wait()
