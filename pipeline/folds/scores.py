"""What each test image of a finished fold scored, made again from its rankings."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import PREDICTIONS_FILE, rankings_in
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, correct_sets_of
from components.shared.ranking.metrics import KS
from components.shared.statistics.scores import ImageScores, image_scores

CANDIDATES_FILE = "candidates.parquet"
EDGES_FILE = "edges.parquet"
LABELS_FILE = "labels.parquet"


@dataclass(frozen=True)
class FoldScores:
    """The scores of one fold on one candidate set.

    Attributes:
        images: Path of each image, object [images].
        truth: wnid of each, object [images].
        scores: Of every model on them.
    """

    images: np.ndarray
    truth: np.ndarray
    scores: ImageScores

    def without(self, classes: Collection[str]) -> "FoldScores | None":
        """Return the scores on the images of all other classes; None where there are none.

        Args:
            classes: wnids.
        """
        kept = np.array([wnid not in classes for wnid in self.truth], dtype=bool)
        if not kept.any():
            return None
        return FoldScores(self.images[kept], self.truth[kept], self.scores.only(kept))


class FinishedFold:
    """The folder of a fold's run, of which candidate sets are asked for one after the other."""

    def __init__(self, folder: Path) -> None:
        """Read labels and hierarchy.

        Raises:
            ValueError: A file of the run is missing.
        """
        for name in (PREDICTIONS_FILE, CANDIDATES_FILE, EDGES_FILE, LABELS_FILE):
            if not (folder / name).is_file():
                raise ValueError(f"{folder} has no {name}: run this fold again to its end.")
        self._members = members_of(folder)
        self._rows = folder / PREDICTIONS_FILE
        self._hierarchy = _hierarchy(folder / EDGES_FILE)

    @cached_property
    def candidates(self) -> list[str]:
        """Names of the candidate sets that were ranked, in their order."""
        return candidates_in(self._rows)

    def scores(self, candidates: str) -> FoldScores:
        """Return the scores on one candidate set, images by path."""
        rows = pq.read_table(self._rows, filters=[("candidates", "==", candidates)])
        by_model = {model: of_model(rows, model) for model in unique(rows["model"])}
        images, truth = images_and_truth(next(iter(by_model.values())))
        answers = {
            (model, candidates): rankings_in(own["predicted"].combine_chunks())
            for model, own in by_model.items()
        }
        one = self._set(candidates, truth)
        correct = {one.labels: correct_sets_of(self._hierarchy, set(truth), one.valid, KS)}
        frame = pd.DataFrame({"wnid": truth})
        (scores,) = image_scores(answers, list(by_model), [one], correct, frame)
        return FoldScores(images, truth, scores)

    def _set(self, candidates: str, truth: np.ndarray) -> CandidateSet:
        """The set with its images, whose labels are seen or not as their classes are.

        Labels that are near are those ranked and the seen, which are among those already but where
        a zero-shot set is ranked alone.
        """
        members, seen = self._members[candidates], frozenset(self._members[SEEN])
        labels = candidates if tests_unseen(self._members, truth) else SEEN
        everything = np.ones(len(truth), dtype=bool)
        return CandidateSet(candidates, labels, members, seen.union(members), everything)


def joined(parts: Iterable[FoldScores]) -> ImageScores:
    """Put folds together: of each image the mean over the folds that tested it.

    An image of a class that one fold alone holds out is there once, so that the unseen are those of
    all folds together. Rows are the images, by path; models are those that every fold has.

    Args:
        parts: Of the same candidate set; at least one.
    """
    folds = list(parts)
    first = folds[0].scores
    models = [one for one in first.models if all(one in fold.scores.models for fold in folds)]
    values = np.concatenate([_values_of(fold.scores, models) for fold in folds])
    every = np.concatenate([fold.images for fold in folds])
    images, start, place = np.unique(every, return_index=True, return_inverse=True)
    sums = np.zeros((len(images), values.shape[1]))
    np.add.at(sums, place, values)
    truth = np.concatenate([fold.truth for fold in folds])[start]
    return ImageScores(
        first.candidates,
        tuple(models),
        sums / np.bincount(place)[:, None],
        np.unique(truth, return_inverse=True)[1],
        min(fold.scores.labels for fold in folds),
        first.by_class,
    )


def _values_of(scores: ImageScores, models: Iterable[str]) -> np.ndarray:
    return np.concatenate([scores.of(model) for model in models], axis=1)


def members_of(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the labels of each candidate set of a fold, by its name."""
    members = pd.read_parquet(folder / CANDIDATES_FILE).groupby("set")["wnid"]
    return {str(name): tuple(wnids) for name, wnids in members}


def tests_unseen(members: Mapping[str, Iterable[str]], truth: Iterable[str]) -> bool:
    """Whether no class of these images is among the seen labels.

    Args:
        members: The labels of each candidate set.
        truth: wnids of the images.
    """
    return set(members[SEEN]).isdisjoint(truth)


def of_model(rows: pa.Table, model: str) -> pa.Table:
    """Return the rows of a model, images by path."""
    own = rows.filter(pc.equal(rows["model"], model))
    return own.take(pc.sort_indices(own["image"]))


def images_and_truth(rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the path and the wnid of the image of each row, object [rows]."""
    images, truth = (np.array(rows[name].to_pylist(), object) for name in ("image", "truth"))
    return images, truth


def candidates_in(file: Path) -> list[str]:
    """Return the names of the candidate sets that a file has rows of, in their order."""
    return unique(pq.read_table(file, columns=["candidates"])["candidates"])


def unique(column: pa.ChunkedArray) -> list[str]:
    """Return the different values of a column, in their order."""
    found: list[str] = pc.unique(column).to_pylist()
    return found


def _hierarchy(file: Path) -> Hierarchy:
    edges = pd.read_parquet(file, columns=["a", "b"])
    return build_hierarchy(zip(edges["a"], edges["b"], strict=True))
