"""A checkpoint store whose process is killed right after a save."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.shared.storage.checkpoint import CheckpointStore


class Killed(RuntimeError):
    """What stands for the kill."""


@dataclass(frozen=True)
class DyingStore(CheckpointStore):
    """Saves as ever, and dies after the first save whose metadata `dies_after` accepts."""

    dies_after: Callable[[Mapping[str, Any]], bool]

    def save(
        self, name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]
    ) -> None:
        """Save, then perhaps die."""
        super().save(name, tensors, metadata)
        if self.dies_after(metadata):
            raise Killed
