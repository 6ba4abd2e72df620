"""The loss that `devise_loss` names, ready for a run's labels."""

from collections.abc import Callable
from functools import partial

import torch

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.settings.devise import DeviseSettings
from components.train_devise.hinge_rank_loss import hinge_rank_loss, rank_loss
from components.train_devise.soft_labels import (
    SoftLabels,
    hops_between,
    soft_label_loss,
    soft_weights,
)
from components.train_devise.training_labels import TrainingLabels

CROSS_ENTROPY = "cross_entropy"

Loss = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""Given M v, float32 [B, dim], and the row of each image's target, int64 [B]: the mean loss, and
the share of the false labels that violate their margin."""


def make_loss(
    config: DeviseSettings, labels: TrainingLabels, taxonomy: Taxonomy, device: torch.device
) -> Loss:
    """Prepare the loss for the labels of a run.

    Raises:
        ValueError: There is no false label.
    """
    targets = torch.from_numpy(labels.targets).to(device)
    ranks = rank_loss(targets, config.margin, config.margin_scaling, config.violators, config.loss)
    if config.loss != CROSS_ENTROPY:
        return partial(hinge_rank_loss, ranks)
    hops = hops_between(build_hierarchy(taxonomy.edges), labels.target_of)
    weights = soft_weights(hops, config.soft_label_share, config.soft_label_beta)
    soft = SoftLabels(targets, torch.from_numpy(weights).to(device), config.temperature)
    return partial(soft_label_loss, soft)
