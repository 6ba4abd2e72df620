"""The state that lets a stage go on where it was killed: named sets of arrays, never half-written.

A checkpoint is one safetensors file (arrays, and JSON in its header), so that writing it aside and
renaming it, or putting one S3 object, replaces the state before it at once.
"""

import json
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
        with store.writing(self._address(name)) as file:
            save_file(arrays, file, metadata={METADATA_KEY: json.dumps(dict(metadata))})

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Arrays and metadata of checkpoint `name`; None where there is none."""
        address = self._address(name)
        if not store.exists(address):
            return None
        with store.local_copy(address) as file:
            return _read(file)

    def delete(self, name: str) -> None:
        """Forget checkpoint `name`, once the stage's result is safe."""
        store.delete(self._address(name))

    def _address(self, name: str) -> str:
        return store.join(self.uri, f"{name}.safetensors")


def _read(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        metadata = json.loads(opened.metadata()[METADATA_KEY])
    return load_file(file), metadata
