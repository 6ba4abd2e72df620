"""What a loss is made from, and what it is once made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.processes.ranks import Part
from components.shared.settings.devise import DeviseSettings

Loss = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""Given M v, [B, dim], and the row of each image's own target, int64 [B]: the mean loss, and the
share of each image's false labels that violate their margin, float32 [B]."""


@dataclass(frozen=True)
class Problem:
    """The labels of a run, and how it is to be trained.

    Attributes:
        config: The stage's parameters; a loss reads its own.
        targets: [labels, dim], the distinct target vectors, unit norm; a loss computes in their
            type.
        target_of: The row of `targets` of each seen label that has a vector.
        taxonomy: Its hierarchy is what labels are related by.
        part: Which images of each batch a loss is given; None: all. What it draws for an image is
            drawn for the whole batch.

    Raises:
        ValueError: There is no false label.
    """

    config: DeviseSettings
    targets: torch.Tensor
    target_of: Mapping[str, int]
    taxonomy: Taxonomy
    part: Part | None = None

    def __post_init__(self) -> None:
        """Refuse labels that have nothing to be told apart from."""
        if len(self.targets) < 2:
            raise ValueError(
                f"The seen labels have {len(self.targets)} distinct vector(s); a loss needs two or "
                "more: take more classes, more text or a lower labels_minimum_count."
            )
