"""Labels for any images from a DeViSE model's folder alone, trained labels or new ones.

Frome et al. 2013, section 3.3: an image is mapped to the label space and the nearest label
vectors are its labels; a label needs a vector, not an example.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.label_space import (
    Words,
    members,
    read_label_space,
    read_words,
    unit_norm,
)
from components.shared.artifacts.terms import JOINER, normalise_term
from components.shared.device import pick_device
from components.shared.images.batches import ImageView, decode_centre, normalised
from components.shared.images.decoding import UNREADABLE
from components.shared.networks.devise_model import DeviseModel, read_devise_model
from components.shared.ranking.nearest_labels import (
    CandidateTerms,
    candidate_terms,
    rank_synsets,
    terms_of,
)

Prediction = tuple[str, str | None, float]
"""A label, its wnid (None for a new label), the cosine."""

BATCH_SIZE = 32
NEAREST_SPELLINGS = 3


@dataclass(frozen=True)
class Labeller:
    """A DeViSE model that is loaded, for many calls.

    Attributes:
        model: The network.
        label_space: Folder of its label space.
        trained: The seen labels, ranked as in evaluation.
        names: What each trained label is called.
    """

    model: DeviseModel
    label_space: Path
    trained: CandidateTerms
    names: Mapping[str, str]

    def predict(
        self, images: Sequence[bytes], labels: Sequence[str] | None = None, k: int = 5
    ) -> list[list[Prediction]]:
        """Label images as `predict` does."""
        candidates = new_labels(labels, read_words(self.label_space)) if labels else self.trained
        points = _points(images, self.model)
        ranked = rank_synsets(points, candidates, k)
        return [
            [
                (key, None, cosine) if labels else (self.names[key], key, cosine)
                for key, cosine in _with_cosines(point, row, candidates)
            ]
            for point, row in zip(points, ranked, strict=True)
        ]


def read_labeller(model_folder: Path, device: torch.device | None = None) -> Labeller:
    """Load a model from its folder.

    Raises:
        ValueError: The folder holds no DeViSE model.
    """
    folder = model_folder / "label_space"
    model = read_devise_model(model_folder, device or pick_device())
    space = read_label_space(folder)
    names = {
        wnid: terms[0].replace(JOINER, " ")
        for wnid, terms in zip(space.labels["wnid"], space.labels["terms"], strict=True)
    }
    return Labeller(model, folder, candidate_terms(space, members(space, SEEN)), names)


def predict(
    images: Sequence[bytes],
    model_folder: Path,
    labels: Sequence[str] | None = None,
    k: int = 5,
    device: torch.device | None = None,
) -> list[list[Prediction]]:
    """Label images with a model that lies in a folder.

    Args:
        images: Encoded images of any kind.
        model_folder: Of a DeViSE model.
        labels: Texts to choose from; None or empty: the trained labels.
        k: How many labels to give at most.
        device: Where the network runs; None: the best there is.

    Returns:
        For each image its labels, best first.

    Raises:
        ValueError: An image cannot be read, or a label's words have no vector.
    """
    return read_labeller(model_folder, device).predict(images, labels, k)


def new_labels(labels: Sequence[str], words: Words) -> CandidateTerms:
    """Return label texts as candidates, each once, each with the one vector it has.

    Raises:
        ValueError: A label's words have no vector.
    """
    keys = list(dict.fromkeys(labels))
    vectors = label_vectors(keys, words)
    return terms_of([(key, vectors[row], [key]) for row, key in enumerate(keys)], keys)


def label_vectors(labels: Sequence[str], words: Words) -> np.ndarray:
    """Return a vector for each label text: float32 [labels, dim], unit norm.

    It is that of the whole term, or else the mean of its words' vectors.

    Raises:
        ValueError: A label is empty, or one of its words has no vector; the nearest spellings
            that have one are given.
    """
    row_of = dict(zip(words.words["term"], words.words["row"], strict=True))
    return unit_norm(np.stack([_vector(label, row_of, words.vectors) for label in labels]))


def _vector(label: str, row_of: dict[str, int], vectors: np.ndarray) -> np.ndarray:
    term = normalise_term(label)
    if term in row_of:
        whole: np.ndarray = vectors[row_of[term]]
        return whole.astype(np.float32)
    parts = term.split(JOINER)
    for word in parts:
        if word not in row_of:
            raise ValueError(_without_vector(label, word, term, row_of))
    mean: np.ndarray = vectors[[row_of[word] for word in parts]].astype(np.float32).mean(axis=0)
    return mean


def _without_vector(label: str, word: str, term: str, known: dict[str, int]) -> str:
    near = [
        spelling
        for missing in dict.fromkeys((term, word))
        for spelling in difflib.get_close_matches(missing, known, NEAREST_SPELLINGS, 0.6)
    ]
    shown = [spelling.replace(JOINER, " ") for spelling in dict.fromkeys(near)]
    hint = f"nearest with one: {', '.join(shown)}" if shown else "nothing is spelt like it"
    part = "" if word == term else f" (its word {word!r} is not known)"
    return f"The label {label!r} has no vector{part}: give another label; {hint}."


def _with_cosines(
    point: np.ndarray, row: np.ndarray, candidates: CandidateTerms
) -> list[tuple[str, float]]:
    """Give each label ranked for a unit point [dim] its cosine: that of its nearest term."""
    position = {key: number for number, key in enumerate(candidates.wnids)}
    best = np.full(len(position), -np.inf)
    cosines = np.repeat(candidates.vectors @ point, np.diff(candidates.starts))
    np.maximum.at(best, candidates.synsets, cosines)
    return [(key, float(best[position[key]])) for key in row if key is not None]


@torch.inference_mode()
def _points(images: Sequence[bytes], model: DeviseModel) -> np.ndarray:
    """Map images to unit vectors of the label space, float32 [images, dim]."""
    device, view = model.projection.weight.device, model.config.visual.view
    points = [np.empty((0, model.config.dim), dtype=np.float32)]
    for start in range(0, len(images), BATCH_SIZE):
        batch = images[start : start + BATCH_SIZE]
        pixels = np.stack([_decoded(data, start + n, view) for n, data in enumerate(batch)])
        points.append(model.embed(normalised(pixels, view, device)).cpu().numpy())
    return np.concatenate(points)


def _decoded(data: bytes, number: int, view: ImageView) -> np.ndarray:
    try:
        return decode_centre(data, view)
    except UNREADABLE as error:
        raise ValueError(
            f"Image {number + 1} cannot be read ({type(error).__name__}: {error}): give a JPEG, "
            "PNG or another image that PIL opens."
        ) from error
