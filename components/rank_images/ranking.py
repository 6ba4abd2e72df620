"""rank_images: what every model answers on one part of the test images.

A part is a block of neighbouring images. Into how many parts they are cut changes no answer: parts
begin where a batch of all images does, and each image is ranked in the block that it has among all.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from components.rank_images.baselines import read_baselines
from components.rank_images.rankings import (
    Asked,
    Models,
    TrainedModel,
    rank_with_every_model,
    same_answers,
)
from components.rank_images.reference import BATCH_SIZE, reference_of
from components.shared.artifacts.answers import AnswersWriter
from components.shared.artifacts.candidate_sets import candidate_sets, tested_images
from components.shared.artifacts.compared import ComparedModels, read_compared
from components.shared.artifacts.evaluation import DEVISE, RANDOM
from components.shared.artifacts.features import (
    Features,
    FeatureView,
    held_out_images,
    read_features,
)
from components.shared.device import pick_device
from components.shared.execution.stage_run import package_versions
from components.shared.images.index import read_index
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the ranking reads.

    Attributes:
        image_index: Of prepare_images.
        visual_model: Of pretrain_visual.
        continued_visual_model: Of pretrain_visual, trained on.
        features: Of embed_images, of the first visual model.
        compared: Of fit_baselines.
    """

    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    features: Path
    compared: Path


def rank_part(
    config: EvaluateSettings,
    inputs: Inputs,
    answers: Path,
    checkpoints: CheckpointStore = NOWHERE,
    batch_size: int = BATCH_SIZE,
) -> dict[str, float]:
    """Ask every model about one part of the test images, and write what they answer.

    Args:
        config: The stage's parameters, and which of how many parts.
        inputs: The artifacts.
        answers: Folder to write to.
        checkpoints: Where a killed ranking goes on from; the caller clears them.
        batch_size: Images in a batch.

    Returns:
        How many images the part has.

    Raises:
        ValueError: An artifact is not whole.
    """
    compared = read_compared(inputs.compared)
    trained = _trained(compared)
    asked = _asked(config, inputs, trained[0], batch_size)
    part = asked.part
    rows = {one.name: int(one.images[part.start : part.stop].sum()) for one in asked.every}
    writer = AnswersWriter(answers, rows)
    baselines = read_baselines(compared, {model.name: model.space for model in trained})
    models = Models(inputs.visual_model, inputs.continued_visual_model, trained, baselines)
    rank_with_every_model(config, models, asked, writer.write, checkpoints)
    same = same_answers(trained, asked.every)
    writer.finish(part, len(asked.frame), same, package_versions())
    return {"images": float(len(part))}


def part_of(images: int, part: int, parts: int, batch_size: int) -> range:
    """Return the images of a part: whole batches, but for the last one of all.

    Args:
        images: How many there are.
        part: Its number, from 0 on.
        parts: How many parts there are; where batches are fewer some are empty.
        batch_size: Images in a batch.
    """
    batches = -(-images // batch_size)
    first, stop = (number * batches // parts * batch_size for number in (part, part + 1))
    return range(min(first, images), min(stop, images))


def _trained(compared: ComparedModels) -> list[TrainedModel]:
    """The DeViSE models: `devise`, its variants, its random twin."""
    return [
        TrainedModel(name, compared.folders[name], compared.space_of(name))
        for name in (DEVISE, *compared.variants, RANDOM)
    ]


def _asked(
    config: EvaluateSettings, inputs: Inputs, devise: TrainedModel, batch_size: int
) -> Asked:
    index = read_index(inputs.image_index)
    frame = tested_images(index, devise.space, config.set_names)
    sets = candidate_sets(devise.space, config.set_names, frame)
    part = part_of(len(frame), config.part, config.of_parts, batch_size)
    features, device = read_features(inputs.features, index), pick_device()
    own = _features_of(frame[part.start : part.stop], index, features)
    reference = reference_of(index, features, config.csls, device) if config.csls else None
    return Asked(sets, frame, part, own, device, batch_size, reference)


def _features_of(frame: pd.DataFrame, index: pd.DataFrame, features: Features) -> FeatureView:
    """The pretrained trunk's features of the images of `frame`, which are rows of `index`."""
    places = pd.Index(held_out_images(index)["path"]).get_indexer(frame["path"])
    return features.held_out_of(places.astype(np.int64))
