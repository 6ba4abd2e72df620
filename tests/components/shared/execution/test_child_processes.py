from pathlib import Path

import pytest

from components.shared.execution import child_processes

SERVING = """from multiprocessing.connection import Connection
def serve(descriptor):
    with Connection(descriptor) as asker:
        asker.send(asker.recv() + 1)
        asker.recv()
"""


@pytest.fixture(name="module")
def module_that_adds_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "adds_one.py").write_text(SERVING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "adds_one"


def test_it_serves_over_its_connection(module: str) -> None:
    child = child_processes.start(module)
    child.connection.send(41)
    assert child.connection.recv() == 42
    child.end()
    assert child.process.returncode == -9


def test_it_learns_that_the_connection_is_closed(module: str) -> None:
    child = child_processes.start(module)
    child.connection.send(1)
    assert child.connection.recv() == 2
    child.connection.close()
    # EOFError.
    assert child.process.wait(10) == 1
