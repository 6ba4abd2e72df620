"""What a stage and its nodes hand to each other through object storage.

Nodes see none of the stage's folders. Below an address of the task's own lie its inputs, and for
each attempt, a TrainJob, what that is to do, the first node's figures and the finished artifact, or
what hindered a node. The stage gives a sign of life there, without which the nodes end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from components.shared.execution.progress import LogMetrics
from components.shared.processes.launching import Figures
from components.shared.settings.parameter import read
from components.shared.storage import store
from components.shared.storage.checkpoint import CheckpointStore
from components.shared.storage.fingerprint import checksum

INPUTS, TASK, BEAT, LOGGED, RESULT = "inputs", "task", "beat", "logged", "result"
OUTPUT = "output"

Config = TypeVar("Config", bound=BaseModel)


@dataclass(frozen=True)
class Given:
    """What a stage's work is done with, here or on a node.

    Attributes:
        config: The stage's settings.
        inputs: Its input artifacts by name.
        output: Where its output artifact goes.
        checkpoints: Where it goes on from.
    """

    config: Any
    inputs: Mapping[str, Path]
    output: Path
    checkpoints: CheckpointStore


@dataclass(frozen=True)
class Trouble:
    """What hindered a node.

    Attributes:
        kind: The error's class.
        message: The error's own.
    """

    kind: str
    message: str


@dataclass(frozen=True)
class Handover:
    """Where things are handed over.

    Attributes:
        uri: An address of the task's own.
        attempt: Name of one attempt's, below it.
    """

    uri: str
    attempt: str

    def give(self, given: Given) -> None:
        """Hand over what the work takes; inputs that an attempt before has handed over are left."""
        known = {name: checksum(path) for name, path in given.inputs.items()}
        if self._read(self._address(INPUTS)) != known:
            store.delete_below(store.join(self.uri, INPUTS))
            for name, path in given.inputs.items():
                _upload(path, self._input(name))
            self._write(self._address(INPUTS), known)
        settings = given.config.model_dump(mode="json")
        task = {"settings": settings, "output": given.output.name, "uri": given.checkpoints.uri}
        self._write(self._of_attempt(TASK), task)

    def receive(self, settings: type[Config], folder: Path) -> Given:
        """Fetch what the work takes.

        Args:
            settings: What the task's are read as.
            folder: For the inputs, and the output.

        Raises:
            ValueError: The store cannot be reached, or an input has arrived damaged.
        """
        task, known = self._read(self._of_attempt(TASK)), self._read(self._address(INPUTS))
        assert task is not None
        assert known is not None
        inputs = {name: _download(self._input(name), folder / INPUTS / name) for name in known}
        for name, path in inputs.items():
            if checksum(path) != known[name]:
                raise ValueError(
                    f"The input {name} has not arrived as it was handed over at {self.uri}: start "
                    "the run again."
                )
        config = read(settings, task["settings"])
        return Given(config, inputs, folder / task["output"], CheckpointStore(task["uri"]))

    def beat(self, number: int) -> None:
        """Give a sign of life, each with another number."""
        self._write(self._of_attempt(BEAT), number)

    def last_beat(self) -> Any:
        """The last sign of life; None: there was none yet."""
        return self._read(self._of_attempt(BEAT))

    def enter(self, node: int) -> bool:
        """Note that a node has begun, and return whether it does so for the first time."""
        address = self._of_attempt(f"begun-{node}")
        is_first = self._read(address) is None
        self._write(address, True)
        return is_first

    def logging(self) -> LogMetrics:
        """What the first node logs with."""
        rows: list[Any] = []

        def log(metrics: Mapping[str, float], step: int | None) -> None:
            rows.append([dict(metrics), step])
            self._write(self._of_attempt(LOGGED), rows)

        return log

    def logged(self, after: int) -> list[tuple[dict[str, float], int | None]]:
        """What was logged after so many rows."""
        rows = self._read(self._of_attempt(LOGGED)) or []
        return [(metrics, step) for metrics, step in rows[after:]]

    def report(self, node: int, error: Exception) -> None:
        """Say what hinders a node; of what follows from that nothing is said."""
        address = self._of_attempt(f"trouble-{node}")
        if self._read(address) is None:
            self._write(address, {"kind": type(error).__name__, "message": str(error)})

    def troubles(self, nodes: int) -> dict[int, Trouble]:
        """What hinders each of so many nodes, where something does."""
        found = {node: self._read(self._of_attempt(f"trouble-{node}")) for node in range(nodes)}
        return {node: Trouble(**trouble) for node, trouble in found.items() if trouble}

    def finish(self, output: Path, figures: Figures) -> None:
        """Hand over the finished artifact and its figures."""
        _upload(output, self._of_attempt(OUTPUT))
        self._write(self._of_attempt(RESULT), {"figures": figures, "checksum": checksum(output)})

    def result(self) -> dict[str, Any] | None:
        """`figures`, and the `checksum` of the artifact; None as long as there are none."""
        result: dict[str, Any] | None = self._read(self._of_attempt(RESULT))
        return result

    def take(self, output: Path) -> None:
        """Fetch the finished artifact.

        Raises:
            ValueError: It has arrived damaged.
        """
        result = self.result()
        assert result is not None
        if checksum(_download(self._of_attempt(OUTPUT), output)) != result["checksum"]:
            raise ValueError(f"The artifact that the nodes left at {self.uri} is damaged.")

    def clear(self) -> None:
        """Forget everything, of all attempts."""
        store.delete_below(self.uri)

    def _address(self, name: str) -> str:
        return store.join(self.uri, f"{name}.json")

    def _of_attempt(self, name: str) -> str:
        folder = store.join(self.uri, self.attempt)
        return store.join(folder, name if name == OUTPUT else f"{name}.json")

    def _input(self, name: str) -> str:
        return store.join(store.join(self.uri, INPUTS), name)

    def _write(self, address: str, content: Any) -> None:
        with store.writing(address) as file:
            file.write_text(json.dumps(content))

    def _read(self, address: str) -> Any:
        if not store.exists(address):
            return None
        with store.open_read(address) as stream:
            return json.load(stream)


def _upload(folder: Path, uri: str) -> None:
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        store.upload(file, store.join(uri, file.relative_to(folder).as_posix()))


def _download(uri: str, folder: Path) -> Path:
    """Copy what `_upload` has left; return where it is."""
    for address in store.list_files(uri):
        store.download(address, folder / address.removeprefix(f"{uri}/"))
    return folder
