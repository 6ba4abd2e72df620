"""The network that training starts from: fresh, pretrained elsewhere, or this run's own."""

import dataclasses
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from components.shared.device import reseed
from components.shared.execution.progress import say
from components.shared.networks.pretrained import check_covers, has_seen
from components.shared.networks.visual_model import (
    HISTORY_FILE,
    VisualConfig,
    VisualModel,
    build,
    load,
)
from components.shared.networks.weights import read_pretrained
from components.shared.settings.visual import VisualSettings


@dataclass(frozen=True)
class Start:
    """Where training starts.

    Attributes:
        model: The network, on the CPU.
        trained: Whether its weights were trained before, so that they are a candidate themselves.
        epochs: Epochs behind it, that the random numbers of its next epochs are counted from.
    """

    model: VisualModel
    trained: bool = False
    epochs: int = 0


def first_model(
    config: VisualSettings,
    classes: tuple[str, ...],
    before: Path | None = None,
    unseen: Collection[str] = (),
) -> Start:
    """The network before the first step.

    Args:
        config: The stage's parameters.
        classes: The seen classes, in the order of the logits.
        before: A finished visual model of the same classes to train on, whatever
            `visual_pretrained` says; None: there is none.
        unseen: wnids of the zero-shot classes.

    Raises:
        ValueError: There is nothing to start from and nothing to train, `before` has other
            classes, or the pretrained weights are wrong, lack a seen class that nothing trains, or
            have seen an unseen one.
    """
    if before is not None:
        return _continued(before, classes)
    if config.pretrained:
        return _pretrained(config, classes, unseen)
    if config.epochs == 0:
        raise ValueError(
            "visual_epochs is 0 and visual_pretrained is empty, so that the visual model would "
            "have random weights: set one of them."
        )
    reseed([config.training_seed])
    return Start(build(_visual_config(config, classes)))


def _pretrained(config: VisualSettings, classes: tuple[str, ...], unseen: Collection[str]) -> Start:
    pretrained = read_pretrained(config)
    contaminated = has_seen(
        pretrained.trained_on, unseen, config.allow_unseen_overlap, config.pretrained
    )
    if config.epochs == 0:
        check_covers(pretrained.model.config.classes, classes, config.pretrained)
    reseed([config.training_seed])
    model = with_classes(pretrained.model, classes)
    model.config = dataclasses.replace(
        model.config,
        crop_scale=config.crop_scale,
        pretrained_classes=tuple(sorted(pretrained.trained_on)),
        zero_shot_contaminated=contaminated,
    )
    return Start(model, trained=True)


def with_classes(model: VisualModel, classes: tuple[str, ...]) -> VisualModel:
    """The same trunk under a classifier of other classes, which takes the place of the old one.

    Rows of the classes that the old classifier knows are copied: where it knows all of them the
    new softmax is the old one restricted to them exactly, since each probability is divided by
    their sum. The other rows are fresh, drawn from torch's random numbers.
    """
    known = {wnid: row for row, wnid in enumerate(model.config.classes)}
    classifier = nn.Linear(
        model.classifier.in_features, len(classes), bias=model.classifier.bias is not None
    )
    new = [row for row, wnid in enumerate(classes) if wnid in known]
    old = [known[classes[row]] for row in new]
    with torch.no_grad():
        for ours, theirs in zip(
            classifier.parameters(), model.classifier.parameters(), strict=True
        ):
            ours[new] = theirs[old]
    if len(new) < len(classes):
        say(f"{len(classes) - len(new)} of {len(classes)} seen classes have fresh outputs")
    return VisualModel(dataclasses.replace(model.config, classes=classes), model.trunk, classifier)


def _continued(folder: Path, classes: tuple[str, ...]) -> Start:
    model = load(folder, torch.device("cpu"))
    if model.config.classes != classes:
        raise ValueError(
            f"The visual model in {folder} has {len(model.config.classes)} classes, which are not "
            f"the {len(classes)} seen classes of the image index: give one made from this index."
        )
    epochs = [epoch["epoch"] for epoch in json.loads((folder / HISTORY_FILE).read_text())]
    return Start(model, trained=True, epochs=max(epochs, default=0))


def _visual_config(config: VisualSettings, classes: tuple[str, ...]) -> VisualConfig:
    return VisualConfig(
        config.architecture, classes, config.input_size, config.resize, config.crop_scale
    )
