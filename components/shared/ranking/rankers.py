"""The models that are compared, as rankers of labels, and one pass of images through a network.

Frome et al. 2013, section 4: the softmax ranks the classes it was trained on, DeViSE and its twin
on random vectors rank labels by cosine to the projected image. ConSE (Norouzi et al. 2014) ranks
them by cosine to a convex combination of the softmax's top classes. All that differs is the
network's output and the ranker; a network sees each image once, whatever is ranked.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from components.shared.artifacts.label_space import NO_ROW, LabelSpace, target_rows
from components.shared.device import autocast
from components.shared.execution.progress import Progress
from components.shared.networks.visual_model import VisualModel
from components.shared.ranking.csls import less_crowded, with_one
from components.shared.ranking.largest import largest
from components.shared.ranking.metrics import padded
from components.shared.ranking.nearest_labels import LIST_LENGTH, candidate_terms, rank_positions

Network = Callable[[Tensor], Tensor]
"""Images [B, 3, S, S] to outputs [B, ...]."""

Key = TypeVar("Key")

IMAGES_RANKED_TOGETHER = 4096


@dataclass(frozen=True)
class Ranking:
    """What is answered on some images.

    Attributes:
        wnids: object [images, 20], best first, padded with None.
        cosines: float32 [images, 20], of those wnids, padded with NaN; all NaN where labels are not
            ranked by cosine.
        scores: float32 [images, 20], what those wnids were ranked by, the higher the better, padded
            with NaN; None where no unseen label has one.
    """

    wnids: np.ndarray
    cosines: np.ndarray
    scores: np.ndarray | None = None

    def rows(self, images: slice) -> "Ranking":
        """Return what is answered on neighbouring images of these."""
        scores = None if self.scores is None else self.scores[images]
        return Ranking(self.wnids[images], self.cosines[images], scores)


Ranker = Callable[[Tensor], Ranking]
"""Outputs of a network [n, ...] to their ranking."""


@dataclass(frozen=True)
class Question:
    """What a network's outputs are asked.

    Attributes:
        images: bool [images], which of them are asked about.
        rank: The ranker that answers.
    """

    images: np.ndarray
    rank: Ranker


@dataclass(frozen=True)
class Questioned(Generic[Key]):
    """A network, and what its outputs are asked.

    Attributes:
        network: Images to outputs.
        questions: By name.
    """

    network: Network
    questions: Mapping[Key, Question]


def logits_of(model: VisualModel, precision: str) -> Network:
    """The network that gives float32 logits [B, classes]; the classifier is not rounded."""

    def logits(images: Tensor) -> Tensor:
        with autocast(images.device, precision):
            features = model.trunk(images)
        scores: Tensor = model.classifier(features.float())
        return scores

    return logits


def softmax_ranker(classes: Sequence[str]) -> Ranker:
    """Rank the classes by logits [n, classes]; of equal ones the earlier class comes first.

    The ranker raises ValueError where a logit is not finite.
    """
    names = np.array(classes, dtype=object)

    def rank(logits: Tensor) -> Ranking:
        if not bool(torch.isfinite(logits).all()):
            raise ValueError("A logit is not finite; look at the model that made it.")
        _, best = largest(logits, LIST_LENGTH)
        return _without_cosines(padded(names[best.cpu().numpy()], LIST_LENGTH))

    return rank


def label_ranker(
    space: LabelSpace, wnids: Collection[str], crowded: np.ndarray | None = None
) -> Ranker:
    """Rank labels by cosine to points of the label space [n, dim] (appendix A.2).

    Cosines are the scores. Where no label of `wnids` has a vector the answer is always empty, which
    counts as a miss.

    Args:
        space: The label space.
        wnids: The labels to rank.
        crowded: float32 [rows of the space], how crowded each vector is: labels are ranked by CSLS
            and have that for a score, and no cosine; None: by cosine.

    Raises:
        ValueError: A label of `wnids` is unknown.
    """
    if (target_rows(space, list(wnids)) == NO_ROW).all():
        return lambda points: _nothing(len(points))
    if crowded is not None:
        return _csls_ranker(space, wnids, crowded)
    candidates = candidate_terms(space, wnids)
    names = np.array([*candidates.wnids, None], dtype=object)

    def rank(points: Tensor) -> Ranking:
        ranks, cosines = rank_positions(points, candidates, device=points.device)
        return Ranking(names[ranks], cosines, cosines)

    return rank


def _csls_ranker(space: LabelSpace, wnids: Collection[str], crowded: np.ndarray) -> Ranker:
    candidates = less_crowded(space, wnids, crowded)
    names = np.array([*candidates.wnids, None], dtype=object)

    def rank(points: Tensor) -> Ranking:
        ranks, products = rank_positions(with_one(points), candidates, device=points.device)
        # The point's length with its 1 is the root of 2.
        return replace(_without_cosines(names[ranks]), scores=products * np.float32(2**0.5))

    return rank


def conse_ranker(
    space: LabelSpace,
    classes: Sequence[str],
    wnids: Collection[str],
    top: int,
    crowded: np.ndarray | None = None,
) -> Ranker:
    """Rank labels by cosine to the combination of the `top` classes' vectors, ConSE(top).

    The probabilities are weights; top classes without a vector are skipped and the weights of the
    others add up to one. An image whose top classes all have none is not ranked.

    Args:
        space: The label space.
        classes: wnids in the order of the logits.
        wnids: The labels to rank.
        top: How many classes are combined.
        crowded: As for `label_ranker`.

    Raises:
        ValueError: No label of `wnids` has a vector, or one is unknown.
    """
    rank_points, points_of = label_ranker(space, wnids, crowded), conse_points(space, classes, top)

    def rank(logits: Tensor) -> Ranking:
        points, known = points_of(logits)
        ranked = rank_points(points)
        unknown = ~known.cpu().numpy()
        ranked.wnids[unknown] = None
        for numbers in (ranked.cosines, ranked.scores):
            if numbers is not None:
                numbers[unknown] = np.nan
        return ranked

    return rank


def conse_points(
    space: LabelSpace, classes: Sequence[str], top: int
) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return what maps logits to the combination of the `top` classes' vectors.

    Args:
        space: The label space.
        classes: wnids in the order of the logits.
        top: How many classes are combined.

    Returns:
        Of logits [n, classes], the points [n, dim], and bool [n], whether any of an image's top
        classes has a vector.
    """
    rows = target_rows(space, classes)
    vectors = space.vectors[np.where(rows == NO_ROW, 0, rows)] * (rows != NO_ROW)[:, None]
    has_vector = torch.from_numpy(rows != NO_ROW)
    class_vectors = torch.from_numpy(vectors.astype(np.float32))

    def points_of(logits: Tensor) -> tuple[Tensor, Tensor]:
        weights = top_probabilities(logits, top) * has_vector.to(logits.device)
        total = weights.sum(dim=1, keepdim=True)
        points = (weights / total.clamp_min(1e-30)) @ class_vectors.to(logits.device)
        return points, total[:, 0] != 0

    return points_of


def _nothing(images: int) -> Ranking:
    empty = _without_cosines(np.full((images, LIST_LENGTH), None, dtype=object))
    return Ranking(empty.wnids, empty.cosines, empty.cosines)


def _without_cosines(wnids: np.ndarray) -> Ranking:
    return Ranking(wnids, np.full(wnids.shape, np.nan, dtype=np.float32))


def top_probabilities(logits: Tensor, top: int) -> Tensor:
    """Softmax [n, classes] with all but the `top` largest set to zero."""
    _, best = largest(logits, top)
    kept = torch.zeros_like(logits).scatter_(1, best, 1.0)
    return torch.softmax(logits.float(), dim=1) * kept


def rank_images(
    network: Network,
    batches: Iterable[Tensor],
    questions: Mapping[Key, Question],
    progress: Progress,
) -> dict[Key, Ranking]:
    """Pass all images through a network once and answer every question.

    Args:
        network: Images to outputs.
        batches: Images in the order of the questions' masks.
        questions: What is asked, by name; at least one image each.
        progress: Counts the images.

    Returns:
        For each question the ranking of its images, in their order.
    """
    answers: dict[Key, list[Ranking]] = {name: [] for name in questions}
    for done, found in rankings_of([Questioned(network, questions)], batches):
        for name, ranking in found.items():
            answers[name].append(ranking)
        progress.update(done)
    progress.finish()
    return {name: _joined(parts) for name, parts in answers.items()}


def rankings_of(
    asked: Sequence[Questioned[Key]], batches: Iterable[Tensor], first: int = 0
) -> Iterator[tuple[int, dict[Key, Ranking]]]:
    """Pass images once through several networks and answer every question, as they come.

    Args:
        asked: The networks with their questions, no name twice.
        batches: Images in the order of the questions' masks, from the first on.
        first: The first image's place in the masks.

    Yields:
        The place behind the last image so far, and for each question that is asked about some of
        the images since the last yield their rankings. Which images those are changes no ranking:
        a product of matrices is rounded by its shape, so that every image is ranked in the block
        of thousands that it has among all, however few of them are here.
    """
    for outputs in _chunks([one.network for one in asked], batches, first):
        answers: dict[Key, Ranking] = {}
        for one, own in zip(asked, outputs, strict=True):
            answers |= _answers(one.questions, own, first)
        first += len(outputs[0])
        yield first, answers


def _answers(questions: Mapping[Key, Question], outputs: Tensor, first: int) -> dict[Key, Ranking]:
    """Rank for neighbouring images of one block, [n, ...], from place `first` on."""
    before = first % IMAGES_RANKED_TOGETHER
    end = before + len(outputs)
    answers: dict[Key, Ranking] = {}
    for name, question in questions.items():
        block = question.images[first - before :][: max(end, IMAGES_RANKED_TOGETHER)]
        if block[before:end].any():
            chosen = torch.from_numpy(block).to(outputs.device)
            ranking = question.rank(_in_block(outputs, before, len(block))[chosen])
            own = slice(block[:before].sum(), block[:end].sum())
            answers[name] = ranking.rows(own)
    return answers


def _in_block(outputs: Tensor, before: int, rows: int) -> Tensor:
    """The outputs at their place in a block of so many rows; the others are zero."""
    if len(outputs) == rows:
        return outputs
    block = outputs.new_zeros((rows, *outputs.shape[1:]))
    block[before : before + len(outputs)] = outputs
    return block


def _joined(parts: Sequence[Ranking]) -> Ranking:
    wnids = np.concatenate([part.wnids for part in parts])
    return Ranking(wnids, np.concatenate([part.cosines for part in parts]))


@torch.inference_mode()
def _outputs(network: Network, images: Tensor) -> Tensor:
    return network(images)


def _chunks(
    networks: Sequence[Network], batches: Iterable[Tensor], first: int
) -> Iterator[list[Tensor]]:
    """Yield each network's outputs of some thousand images: ranking costs little a batch.

    They end where a block of all images does, if a batch ends there.
    """
    waiting: list[list[Tensor]] = []
    there = first % IMAGES_RANKED_TOGETHER
    for images in batches:
        waiting.append([_outputs(network, images) for network in networks])
        there += len(images)
        if there >= IMAGES_RANKED_TOGETHER:
            yield _of_each(waiting)
            waiting, there = [], there % IMAGES_RANKED_TOGETHER
    if waiting:
        yield _of_each(waiting)


def _of_each(waiting: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    """The outputs of each network over all batches."""
    return [torch.cat(outputs) for outputs in zip(*waiting, strict=True)]
