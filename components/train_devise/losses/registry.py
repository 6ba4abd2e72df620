"""Every loss by the name that `devise_loss` has for it.

A new loss is a module beside this one with a `prepare`, an entry here, and a choice of the setting.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.processes.ranks import Part
from components.shared.settings.devise import DeviseSettings
from components.train_devise.losses import cross_entropy, hinge_rank, l2
from components.train_devise.losses.problem import Loss, Problem
from components.train_devise.training_labels import TrainingLabels

LOSSES: Mapping[str, Callable[[Problem], Loss]] = MappingProxyType(
    {
        "rank": hinge_rank.prepare,
        "l2": l2.prepare,
        "cross_entropy": cross_entropy.prepare,
    }
)


def make_loss(
    config: DeviseSettings,
    labels: TrainingLabels,
    taxonomy: Taxonomy,
    device: torch.device,
    part: Part | None = None,
) -> Loss:
    """Make the loss that `devise_loss` names for the labels of a run.

    Args:
        config: The stage's parameters.
        labels: What images are to be mapped to.
        taxonomy: Its hierarchy is what soft labels are related by.
        device: Where the loss is computed.
        part: Which images of each batch it is given; None: all.

    Raises:
        ValueError: There is no false label.
    """
    targets = torch.from_numpy(labels.targets).to(device)
    return LOSSES[config.loss](Problem(config, targets, labels.target_of, taxonomy, part))
