"""What every model answers on every candidate set; each network sees each image once.

Frome et al. 2013, section 4: the softmax baseline, DeViSE, random embeddings; and ConSE.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from components.evaluate.config import EvaluateConfig
from components.shared import visual_model
from components.shared.candidate_sets import CandidateSet
from components.shared.devise_model import read_devise_model
from components.shared.image_batches import ImageView, centre_batches
from components.shared.image_store import ImageStore
from components.shared.label_space import LabelSpace
from components.shared.progress import Progress
from components.shared.rankers import (
    Network,
    Question,
    Ranker,
    conse_ranker,
    label_ranker,
    logits_of,
    rank_images,
    softmax_ranker,
)

MODELS = ("softmax", "devise", "random", "conse")
"""Every model that is compared, in the order of the tables."""

BATCH_SIZE = 128

Answers = dict[tuple[str, str], np.ndarray]
"""For (model, candidates) the wnids of each tested image, object [images, 20]."""


@dataclass(frozen=True)
class ModelFolders:
    """Where the models lie.

    Attributes:
        visual: of pretrain_visual.
        devise: of train_devise on learned vectors.
        random: of train_devise on random vectors.
    """

    visual: Path
    devise: Path
    random: Path


def rank_with_every_model(
    config: EvaluateConfig,
    folders: ModelFolders,
    spaces: Mapping[str, LabelSpace],
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
    device: torch.device,
) -> Answers:
    """Answer every candidate set with every model.

    Args:
        config: the stage's parameters.
        folders: the models.
        spaces: the label space of `devise` and of `random`.
        sets: what is ranked, on which rows of `frame`.
        frame: image index rows.
        device: where the networks run.
    """
    return {
        **_softmax_and_conse(config, folders.visual, spaces["devise"], sets, frame, device),
        **_devise("devise", folders.devise, spaces["devise"], sets, frame, device),
        **_devise("random", folders.random, spaces["random"], sets, frame, device),
    }


def _softmax_and_conse(
    config: EvaluateConfig,
    folder: Path,
    space: LabelSpace,
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
    device: torch.device,
) -> Answers:
    model = visual_model.load(folder, device)
    classes = model.config.classes
    softmax = softmax_ranker(classes)
    rankers: dict[tuple[str, str], Ranker] = {}
    for candidates in sets:
        conse = conse_ranker(space, classes, candidates.members, config.conse_top)
        rankers |= {("softmax", candidates.name): softmax, ("conse", candidates.name): conse}
    network = logits_of(model, config.precision)
    return _answers("softmax", network, model.config.view, rankers, sets, frame, device)


def _devise(
    name: str,
    folder: Path,
    space: LabelSpace,
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
    device: torch.device,
) -> Answers:
    model = read_devise_model(folder, device)
    rankers = {
        (name, candidates.name): label_ranker(space, candidates.members) for candidates in sets
    }
    return _answers(name, model.embed, model.config.visual.view, rankers, sets, frame, device)


def _answers(
    label: str,
    network: Network,
    view: ImageView,
    rankers: Mapping[tuple[str, str], Ranker],
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
    device: torch.device,
) -> Answers:
    images = {candidates.name: candidates.images for candidates in sets}
    questions = {key: Question(images[key[1]], rank) for key, rank in rankers.items()}
    batches = centre_batches(ImageStore(frame), view, BATCH_SIZE, device)
    progress = Progress(f"evaluate ({label})", len(frame), "images")
    return rank_images(network, batches, questions, progress)
