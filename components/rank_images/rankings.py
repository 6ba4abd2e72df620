"""What every model answers on every candidate set.

Frome et al. 2013, section 4: the softmax baseline, DeViSE, random embeddings; ConSE (Norouzi et al.
2014); and baselines from the hierarchy and from the literature. The pretrained trunk's features
serve the softmax, every ConSE and other baseline, every phase 1 and what phase 2 made no better;
each image is decoded once for all networks that were trained further.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from components.rank_images.baselines import Baselines, ScorerOf
from components.rank_images.kept_answers import Chunk, Rankings, keep_answers
from components.rank_images.reference import BATCH_SIZE, Reference
from components.shared.artifacts.answers import names_in
from components.shared.artifacts.candidate_sets import CandidateSet, further_halves, halves_of
from components.shared.artifacts.compared import own_spaces
from components.shared.artifacts.evaluation import (
    CONSE_HIERARCHY,
    CONTINUED,
    SOFTMAX,
    SOFTMAX_HIERARCHY,
    conse_over,
    phase_1_of,
)
from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.label_space import LabelSpace
from components.shared.baselines.scoring import ranker_of
from components.shared.execution.progress import Progress
from components.shared.images.batches import centre_batches
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.networks.devise_model import (
    DeviseModel,
    read_devise_model,
    read_phase_1,
    stayed_as_phase_1,
)
from components.shared.networks.visual_model import VisualModel
from components.shared.ranking.packed import Key, Names, Packed
from components.shared.ranking.rankers import (
    IMAGES_RANKED_TOGETHER,
    Question,
    Questioned,
    Ranker,
    Ranking,
    conse_points,
    conse_ranker,
    label_ranker,
    logits_of,
    rankings_of,
    softmax_ranker,
)
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

Rankers = dict[Key, Ranker]
"""For (model, candidates) what ranks a network's outputs."""


@dataclass(frozen=True)
class TrainedModel:
    """A model of train_devise.

    Attributes:
        name: `devise`, `random` or a variant's.
        folder: Its artifact.
        space: The label space it was trained on.
    """

    name: str
    folder: Path
    space: LabelSpace


@dataclass(frozen=True)
class Models:
    """All that is asked.

    Attributes:
        visual: Folder of the visual model that DeViSE starts from.
        continued: Folder of the one that was trained on.
        trained: The DeViSE models, `devise` first.
        baselines: Those that are no network.
    """

    visual: Path
    continued: Path
    trained: Sequence[TrainedModel]
    baselines: Baselines


@dataclass(frozen=True)
class Asked:
    """What is asked.

    Attributes:
        sets: What is ranked, on which rows of `frame`.
        frame: Image index rows of all test images.
        part: The rows that are asked about.
        features: What the pretrained trunk makes of these.
        device: Where the networks run.
        batch_size: Images that go through a network together.
        reference: By what images CSLS tells how crowded labels are; None: labels are ranked by
            cosine.
    """

    sets: Sequence[CandidateSet]
    frame: pd.DataFrame
    part: range
    features: FeatureView
    device: torch.device
    batch_size: int = BATCH_SIZE
    reference: Reference | None = None

    @cached_property
    def names(self) -> Names:
        """Every wnid that is ranked in one of the sets, by its number."""
        return names_in(self.sets)

    @cached_property
    def every(self) -> list[CandidateSet]:
        """The candidate sets, and what calibration asks besides."""
        return [*self.sets, *further_halves(self.sets)]

    @cached_property
    def scored(self) -> frozenset[str]:
        """Names of those whose scores are kept, because calibration reads them."""
        return frozenset(name for one in self.sets for name in halves_of(one) or ())


def rank_with_every_model(
    config: EvaluateSettings,
    models: Models,
    asked: Asked,
    write: Callable[[Rankings], None],
    checkpoints: CheckpointStore = NOWHERE,
) -> None:
    """Answer every candidate set with every model, but for the `same_answers`.

    Args:
        config: The stage's parameters.
        models: The models.
        asked: The images and labels.
        write: Takes the answers as they come, in the order of the images.
        checkpoints: Where answers are kept; the caller clears them.
    """
    ask: dict[str, Callable[[int], Iterator[Chunk]]] = {
        "pretrained": partial(_on_pretrained_features, config, models, asked),
        "trained": partial(_on_images, config, models, asked),
    }
    for name, on in ask.items():
        keep_answers(checkpoints, name, asked.part, on, write)


def same_answers(trained: Sequence[TrainedModel], sets: Sequence[CandidateSet]) -> dict[Key, Key]:
    """Return whose answers are those of phase 1: phase 2 made these models no better.

    Args:
        trained: The DeViSE models.
        sets: Everything that they are asked.
    """
    return {
        (model.name, candidates.name): (phase_1_of(model.name), candidates.name)
        for model in trained
        if stayed_as_phase_1(model.folder)
        for candidates in sets
    }


def _on_pretrained_features(
    config: EvaluateSettings, models: Models, part: Asked, first: int
) -> Iterator[Chunk]:
    """What reads no image: the softmax, every baseline and every phase 1."""
    model = visual_model.load(models.visual, part.device)
    phase_1 = _phase_1_projections(models.trained, part.device)
    rankers = _on_logits(config, model, models, part)
    rankers |= _on_phase_1(phase_1, models.trained, part)
    rankers |= _on_features(models.baselines, part)
    asked = [Questioned(Tensor.float, _questions(rankers, part))]
    label = "rank_images (on the pretrained network's features)"
    return _chunks(label, asked, _feature_batches(part, first), part, first)


def _chunks(
    label: str,
    asked: Sequence[Questioned[Key]],
    batches: Iterable[Tensor],
    part: Asked,
    first: int,
) -> Iterator[Chunk]:
    """Ask the networks, and pack what they answer."""
    progress = Progress(label, part.part.stop - first, "images")
    done = first
    for end, found in rankings_of(asked, batches, first):
        yield Chunk(end - done, {key: _packed(key, one, part) for key, one in found.items()})
        done = end
        progress.update(done - first)
    progress.finish()


def _packed(key: Key, ranking: Ranking, part: Asked) -> Packed:
    scores = ranking.scores if key[1] in part.scored else None
    return part.names.packed(ranking.wnids, ranking.cosines, scores)


def _feature_batches(part: Asked, first: int) -> Iterator[Tensor]:
    """Features from an image on, in the blocks that images are ranked in."""
    size, every = IMAGES_RANKED_TOGETHER, part.part
    while first < every.stop:
        end = min(first // size * size + size, every.stop)
        features = part.features[np.arange(first, end) - every.start]
        yield torch.from_numpy(features).to(part.device)
        first = end


def _on_logits(
    config: EvaluateSettings, model: VisualModel, models: Models, part: Asked
) -> Rankers:
    """The softmax, ConSE over every label space, and both by hops, as rankers of features."""
    classes, baselines, after = model.config.classes, models.baselines, model.classifier
    rankers = _of_classes(SOFTMAX, part, _after(after, softmax_ranker(classes)))
    hops = baselines.hops(classes, part.names.wnids)
    by_hops = _after(after, baselines.softmax_hierarchy(hops))
    rankers |= _of_classes(SOFTMAX_HIERARCHY, part, by_hops)
    for name, space in own_spaces({one.name: one.space for one in models.trained}).items():
        conse = _conse(config, space, classes, model, part)
        rankers |= _of_every_set(conse_over(name), part, conse, after)
    nearest = _ranking(partial(baselines.conse_hierarchy, hops))
    return rankers | _of_every_set(CONSE_HIERARCHY, part, nearest, after)


def _conse(
    config: EvaluateSettings,
    space: LabelSpace,
    classes: Sequence[str],
    model: VisualModel,
    part: Asked,
) -> Callable[[tuple[str, ...]], Ranker]:
    points_of, crowded = conse_points(space, classes, config.conse_top), None
    if part.reference:
        crowded = part.reference.by_features(space, lambda one: points_of(model.classifier(one))[0])
    return partial(conse_ranker, space, classes, top=config.conse_top, crowded=crowded)


def _on_features(baselines: Baselines, part: Asked) -> Rankers:
    rankers: Rankers = {}
    for name, scorer_of in baselines.fitted.items():
        rankers |= _of_every_set(name, part, _ranking(scorer_of))
    return rankers


def _ranking(scorer_of: ScorerOf) -> Callable[[tuple[str, ...]], Ranker]:
    """Return what makes the ranker of some labels."""
    return lambda wnids: ranker_of(scorer_of(wnids))


def _of_classes(model: str, part: Asked, rank: Ranker) -> Rankers:
    """One ranker for all candidate sets: it ranks the classes of the softmax, whatever they are."""
    return {(model, candidates.name): rank for candidates in part.sets}


def _on_phase_1(
    projections: Mapping[str, nn.Linear], trained: Sequence[TrainedModel], part: Asked
) -> Rankers:
    rankers: Rankers = {}
    for model in trained:
        if model.name in projections:
            projection, found = projections[model.name], part.reference
            crowded = found.by_features(model.space, projection) if found else None
            nearest = partial(label_ranker, model.space, crowded=crowded)
            rankers |= _of_every_set(phase_1_of(model.name), part, nearest, projection)
    return rankers


def _of_every_set(
    model: str,
    part: Asked,
    ranker_of: Callable[[tuple[str, ...]], Ranker],
    layer: nn.Module | None = None,
) -> Rankers:
    """One ranker for all candidate sets that have the same labels; after a layer, if given."""
    rankers: dict[tuple[str, ...], Ranker] = {}
    for wnids in dict.fromkeys(one.members for one in part.every):
        rank = ranker_of(wnids)
        rankers[wnids] = _after(layer, rank) if layer else rank
    return {(model, one.name): rankers[one.members] for one in part.every}


def _phase_1_projections(
    trained: Sequence[TrainedModel], device: torch.device
) -> dict[str, nn.Linear]:
    found = {model.name: read_phase_1(model.folder, device) for model in trained}
    return {name: projection for name, projection in found.items() if projection is not None}


def _after(layer: nn.Module, rank: Ranker) -> Ranker:
    """Rank what a layer makes of the outputs."""

    def ranked(outputs: Tensor) -> Ranking:
        with torch.inference_mode():
            return rank(layer(outputs))

    return ranked


def _on_images(
    config: EvaluateSettings, models: Models, part: Asked, first: int
) -> Iterator[Chunk]:
    """What further training has changed: each image is decoded once for all these networks."""
    softmax = visual_model.load(models.continued, part.device)
    changed = [model for model in models.trained if not stayed_as_phase_1(model.folder)]
    networks = [read_devise_model(model.folder, part.device) for model in changed]
    asked = [_softmax_continued(config, softmax, part)]
    crowded = _crowded(changed, networks, part)
    asked += [_devise(*each, part) for each in zip(changed, networks, crowded, strict=True)]
    # fit_baselines has seen that all take one view.
    images = ImageStore(part.frame), softmax.config.view, part.batch_size, part.device
    batches = centre_batches(*images, first, part.part.stop)
    return _chunks("rank_images (the networks trained on)", asked, batches, part, first)


def _softmax_continued(
    config: EvaluateSettings, model: VisualModel, part: Asked
) -> Questioned[Key]:
    rank = softmax_ranker(model.config.classes)
    rankers = _of_classes(CONTINUED, part, rank)
    return Questioned(logits_of(model, config.precision), _questions(rankers, part))


def _crowded(
    trained: Sequence[TrainedModel], networks: Sequence[DeviseModel], part: Asked
) -> Sequence[np.ndarray | None]:
    """How crowded each network finds the vectors of its label space; None where nobody asks."""
    if not part.reference or not networks:
        return [None] * len(networks)
    pairs = zip(trained, networks, strict=True)
    projections = [(one.space, network.embed) for one, network in pairs]
    return list(part.reference.by_images(projections, networks[0].config.visual.view))


def _devise(
    trained: TrainedModel, model: DeviseModel, crowded: np.ndarray | None, part: Asked
) -> Questioned[Key]:
    nearest = partial(label_ranker, trained.space, crowded=crowded)
    rankers = _of_every_set(trained.name, part, nearest)
    return Questioned(model.embed, _questions(rankers, part))


def _questions(rankers: Rankers, part: Asked) -> dict[Key, Question]:
    images = {candidates.name: candidates.images for candidates in part.every}
    return {key: Question(images[key[1]], rank) for key, rank in rankers.items()}
