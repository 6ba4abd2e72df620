"""The state that lets a stage go on where it was killed: named sets of arrays, never half-written.

A checkpoint is one safetensors file (arrays, and JSON in its header), so that writing it aside and
renaming it, or putting one S3 object, replaces the state before it at once.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from components.shared.storage import store

METADATA_KEY = "state"


@dataclass(frozen=True)
class CheckpointStore:
    """Checkpoints below one address, a local folder or an `s3://` prefix."""

    uri: str

    def save(
        self, name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]
    ) -> None:
        """Replace checkpoint `name` by these arrays and this JSON-able metadata."""
        arrays = {key: np.asarray(array, order="C") for key, array in tensors.items()}
        with tempfile.TemporaryDirectory(dir=self._folder_for_writing()) as folder:
            file = Path(folder) / "checkpoint"
            save_file(arrays, file, metadata={METADATA_KEY: json.dumps(dict(metadata))})
            if store.is_s3(self.uri):
                store.upload(file, self._address(name))
            else:
                file.replace(self._address(name))

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Arrays and metadata of checkpoint `name`; None where there is none."""
        address = self._address(name)
        if not store.exists(address):
            return None
        if not store.is_s3(address):
            return _read(Path(address))
        with tempfile.TemporaryDirectory() as folder:
            store.download(address, Path(folder) / "checkpoint")
            return _read(Path(folder) / "checkpoint")

    def delete(self, name: str) -> None:
        """Forget checkpoint `name`, once the stage's result is safe."""
        store.delete(self._address(name))

    def _address(self, name: str) -> str:
        return store.join(self.uri, f"{name}.safetensors")

    def _folder_for_writing(self) -> str | None:
        if store.is_s3(self.uri):
            return None
        Path(self.uri).mkdir(parents=True, exist_ok=True)
        return self.uri


def _read(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        metadata = json.loads(opened.metadata()[METADATA_KEY])
    return load_file(file), metadata
