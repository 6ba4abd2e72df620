"""train_devise: a visual model and a label space become a DeViSE model (paper, section 3.3)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.features import (
    Features,
    FeatureView,
    held_out_images,
    read_features,
    training_images,
)
from components.shared.artifacts.label_space import LabelSpace, members, read_label_space
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.device import pick_device
from components.shared.execution.progress import LogMetrics, say
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model as visual
from components.shared.networks.devise_model import (
    DeviseModel,
    DeviseModelConfig,
    save_devise_model,
)
from components.shared.networks.epochs import HIT, SPEED, Row, Training
from components.shared.processes.ranks import first_rank_first, is_first, part_of_batch
from components.shared.ranking.nearest_labels import candidate_terms
from components.shared.settings.devise import SOFT_LABEL_SHARE, DeviseSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.losses.registry import make_loss
from components.train_devise.phase_1 import train_projection
from components.train_devise.phase_2 import train_network
from components.train_devise.phases import Task
from components.train_devise.training_labels import (
    TrainingLabels,
    training_labels,
    with_targets,
)
from components.train_devise.validation import Validation


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the training reads.

    Attributes:
        taxonomy: Its hierarchy is what soft labels are related by.
        image_index: Only train and validation images are read.
        visual_model: The trunk that is taken over.
        features: What that trunk makes of the images; phase 1 reads no others.
        label_space: Copied into the model.
    """

    taxonomy: Path
    image_index: Path
    visual_model: Path
    features: Path
    label_space: Path


def write_devise_model(
    config: DeviseSettings,
    inputs: Inputs,
    devise_model: Path,
    checkpoints: CheckpointStore,
    log: LogMetrics,
) -> dict[str, float]:
    """Train both phases and write the model; a training that was interrupted goes on.

    Args:
        config: The stage's parameters.
        inputs: The artifacts.
        devise_model: Folder to write the model to.
        checkpoints: Where the state after each epoch is kept.
        log: Takes the figures of each epoch.

    Returns:
        Validation hit@1 of the model and of phase 1, the best epoch, and what was left out.

    Raises:
        ValueError: There is nothing to train or validate on, or the loss is not finite.
    """
    task, left_out = _task(config, inputs, checkpoints, log)
    # The others take over what the first process has trained by itself.
    with first_rank_first("phase 1"):
        first = train_projection(task)
    last = train_network(task)
    metrics = {**_chosen(first, last), **left_out, "train_images": float(len(task.labels))}
    history = [_repeatable(row) for row in [*first.history, *last.history]]
    if is_first():
        facts = {**metrics, SOFT_LABEL_SHARE: config.share_by_hierarchy}
        save_devise_model(task.model, inputs.label_space, devise_model, history, facts, first.best)
    return metrics


def _task(
    config: DeviseSettings, inputs: Inputs, checkpoints: CheckpointStore, log: LogMetrics
) -> tuple[Task, dict[str, float]]:
    """What is trained on what, and what was left out."""
    space = read_label_space(inputs.label_space)
    labels = training_labels(space)
    index = read_index(inputs.image_index)
    every = training_images(index)
    images, rows = with_targets(every, labels)
    features = read_features(inputs.features, index)
    validation = _validation(index, space, features)
    left_out = _report(config, labels, len(every) - len(images))
    model = _new_model(config, inputs.visual_model, space.vectors.shape[1])
    device = model.projection.weight.device
    part = part_of_batch(min(config.batch_size, len(images)), "devise_processes")
    problem = config, labels, read_taxonomy(inputs.taxonomy), device
    loss = make_loss(*problem)
    own = make_loss(*problem, part) if part.ranks > 1 else loss
    views = _views(config, features, np.flatnonzero(every["wnid"].isin(labels.target_of)))
    store = ImageStore(images)
    task = Task(config, model, loss, store, views, rows, validation, checkpoints, log, part, own)
    return task, left_out


def _views(
    config: DeviseSettings, features: Features, chosen: np.ndarray
) -> tuple[FeatureView, ...]:
    """The views that phase 1 goes through, of the chosen training images: int [images]."""
    if config.phase_1_views > features.facts.views:
        raise ValueError(
            f"devise_phase_1_views is {config.phase_1_views} and there are features of "
            f"{features.facts.views} views: give those that embed_images made for these settings."
        )
    return tuple(features.training(view + 1).of(chosen) for view in range(config.phase_1_views))


def _validation(index: pd.DataFrame, space: LabelSpace, features: Features) -> Validation:
    every = held_out_images(index)
    chosen = (every["split"] == "validation") & every["seen"]
    held_out = every[chosen].reset_index(drop=True)
    if held_out.empty:
        raise ValueError(
            "There is no validation image of a seen class; raise images_validation_share."
        )
    candidates = candidate_terms(space, members(space, SEEN))
    embedded = features.held_out().of(np.flatnonzero(chosen))
    return Validation(ImageStore(held_out), embedded, list(held_out["wnid"]), candidates)


def _new_model(config: DeviseSettings, folder: Path, dim: int) -> DeviseModel:
    device = pick_device()
    pretrained = visual.load(folder, device)
    facts = DeviseModelConfig(
        visual=pretrained.config,
        model_name=config.model_name,
        dim=dim,
        bias=config.bias,
        normalise_projection=config.normalise_projection,
        precision=config.precision,
    )
    model = DeviseModel(pretrained.trunk, facts)
    model.projection.to(device)
    return model


def _report(config: DeviseSettings, labels: TrainingLabels, images: int) -> dict[str, float]:
    if labels.without_vector:
        names = ", ".join(labels.without_vector)
        say(
            f"train_devise ({config.model_name}): {len(labels.without_vector)} seen label(s) "
            f"without a vector and their {images:,} images left out: {names}"
        )
    return {
        "labels": float(len(labels.target_of)),
        "distinct_targets": float(len(labels.targets)),
        "labels_left_out": float(len(labels.without_vector)),
        "images_left_out": float(images),
    }


def _repeatable(row: Row) -> Row:
    """A row without how long it took, so that a seed gives the same model to the byte."""
    return {name: value for name, value in row.items() if name != SPEED}


def _chosen(first: Training, last: Training) -> dict[str, float]:
    best = last.best_row
    # Phase 2's row of epoch 0 is phase 1's best, measured on images.
    kept = first.best_row if best["epoch"] == 0 else best
    return {
        "validation_hit_at_1": best[HIT],
        "phase_1_validation_hit_at_1": first.best_row[HIT],
        "best_phase": float(kept["phase"]),
        "best_epoch": float(kept["epoch"]),
    }
