"""The state that lets a stage go on where it was killed: named sets of arrays, never half-written.

A checkpoint is one safetensors file (arrays, and JSON in its header), so that writing it aside and
renaming it, or putting one S3 object, replaces the state before it at once. Beside it may lie files
that are too large for memory, which the state then names, with their checksums. The header also has
a digest of the whole state: one that has changed since it was saved is taken for none.

Work that can be saved at any time is saved by time. Nothing is saved at a signal: on a cluster
KFP's launcher gets it, and ends before the stage does.
"""

import json
import math
import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from components.shared.execution.progress import say
from components.shared.storage import store
from components.shared.storage.fingerprint import arrays_checksum

METADATA_KEY = "state"
DIGEST_KEY = "digest"
SECONDS_BETWEEN_SAVES = 600.0
SECONDS_VARIABLE = "DEVISE_CHECKPOINT_SECONDS"
"""In the environment: other seconds between two saves, for tests."""


@dataclass
class SaveTimer:
    """Says when to save work that can be saved at any time.

    Attributes:
        seconds: From the end of one save to the next.
        last: When the last save ended, in seconds of the monotonic clock.
    """

    seconds: float
    last: float = field(default_factory=time.monotonic)

    def is_due(self) -> bool:
        """Whether the time has passed."""
        return time.monotonic() - self.last >= self.seconds

    def restart(self) -> None:
        """Count from now on: what there was to save is safe."""
        self.last = time.monotonic()


@dataclass(frozen=True)
class CheckpointStore:
    """Checkpoints below one address.

    Attributes:
        uri: A local folder or an `s3://` prefix; empty: nothing is kept.
    """

    uri: str

    def timer(self) -> SaveTimer:
        """A timer of ten minutes that starts now; one that never ends where nothing is kept."""
        seconds = float(os.environ.get(SECONDS_VARIABLE, SECONDS_BETWEEN_SAVES))
        return SaveTimer(seconds if self.uri else math.inf)

    def save(
        self, name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]
    ) -> None:
        """Replace checkpoint `name` by these arrays and this JSON-able metadata."""
        if not self.uri:
            return
        arrays = {key: np.asarray(array, order="C") for key, array in tensors.items()}
        state = json.dumps(dict(metadata))
        header = {METADATA_KEY: state, DIGEST_KEY: arrays_checksum(arrays, state)}
        with store.writing(self._address(name)) as file:
            save_file(arrays, file, metadata=header)

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Arrays and metadata of checkpoint `name`; None where there is none, or a damaged one."""
        address = self._address(name)
        if not self.uri or not store.exists(address):
            return None
        with store.local_copy(address) as file:
            found = _read(file)
        if found is None:
            say(f"the checkpoint {address} is damaged: what it kept is done again")
        return found

    def writing_file(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to, whose file is kept as `name`, whole, when the block ends well."""
        return store.writing(store.join(self.uri, name))

    def has_file(self, name: str) -> bool:
        """Whether a file is kept as `name`."""
        return store.exists(store.join(self.uri, name))

    def reading_file(self, name: str) -> AbstractContextManager[Path]:
        """The file that is kept as `name`, or a copy of it while the block lasts."""
        return store.local_copy(store.join(self.uri, name))

    def clear(self) -> None:
        """Forget everything, once the stage's result is safe."""
        if self.uri:
            store.delete_below(self.uri)

    def _address(self, name: str) -> str:
        return store.join(self.uri, f"{name}.safetensors")


NOWHERE = CheckpointStore("")
"""Keeps nothing: whoever works with it begins anew."""


def _read(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    from safetensors import safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            header = opened.metadata() or {}
        arrays = load_file(file)
    # A header that is damaged can also name a type that numpy lacks.
    except (SafetensorError, TypeError, ValueError):
        return None
    state = header.get(METADATA_KEY, "")
    if header.get(DIGEST_KEY) != arrays_checksum(arrays, state):
        return None
    return arrays, json.loads(state)
