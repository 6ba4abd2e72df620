"""Labels for any images from a DeViSE model's folder alone, trained labels or new ones.

Frome et al. 2013, section 3.3: an image is mapped to the label space and the nearest label
vectors are its labels; a label needs a vector, not an example.
"""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.label_space import (
    LabelSpace,
    Words,
    members,
    read_label_space,
    read_words,
    unit_norm,
)
from components.shared.artifacts.terms import JOINER, normalise_term
from components.shared.device import pick_device
from components.shared.images.batches import normalised
from components.shared.images.crops import decode_centre
from components.shared.images.decoding import UNREADABLE
from components.shared.images.limits import check_bytes
from components.shared.networks.devise_model import DeviseModel, read_devise_model
from components.shared.ranking.nearest_labels import (
    NEAREST_TERMS,
    CandidateTerms,
    candidate_terms,
    rank_positions,
    terms_of,
)
from components.shared.ranking.nearest_words import NearWord, nearest_words

Candidates = Literal["seen", "unseen", "all"]
"""Which of the model's own labels are ranked: those trained on, the others, or both."""
ImageLike = bytes | str | os.PathLike[str]
"""An encoded image of any kind, or the path of its file."""

BATCH_SIZE = 32
NEAREST_SPELLINGS = 3


@dataclass(frozen=True)
class RankedLabel:
    """A label in the list of an image.

    Attributes:
        label: Its first term, or its text as it was given.
        wnid: Of its synset; None for a label that was given.
        seen: Whether images of it were trained on; of a text: of a label with such a term.
        cosine: Between the image's point and the nearest vector of the label.
    """

    label: str
    wnid: str | None
    seen: bool
    cosine: float


@dataclass(frozen=True)
class Labeller:
    """A DeViSE model that is loaded, for many calls.

    Attributes:
        model: The network.
        folder: Of the model.
        space: Its label space.
        candidates: What `Candidates` stands for here; only what has a label with a vector.
        terms: The terms of each label, as people write them, the first first.
        seen: The wnids that were trained on.
    """

    model: DeviseModel
    folder: Path
    space: LabelSpace
    candidates: Mapping[str, CandidateTerms]
    terms: Mapping[str, Sequence[str]]
    seen: frozenset[str]

    def rank(
        self,
        images: Sequence[ImageLike],
        labels: Sequence[str] | None = None,
        k: int = 5,
        candidates: Candidates = "seen",
    ) -> list[list[RankedLabel]]:
        """Label images.

        Args:
            images: Encoded images of any kind, or the paths of such files.
            labels: Texts to choose from, which need no images, only to occur in the text that the
                word vectors were learned from; None or empty: the model's own labels.
            k: How many labels to give at most.
            candidates: Which of the model's own labels to choose from.

        Returns:
            For each image its labels, best first.

        Raises:
            ValueError: An image cannot be read, a label's words have no vector, or the model has
                no such candidate.
        """
        return self.rank_points(self.points(images), labels, k, candidates)

    def nearest_words(self, images: Sequence[ImageLike], k: int = 10) -> list[list[NearWord]]:
        """Return the words and terms of the text whose vectors are nearest to each image.

        Args:
            images: Encoded images of any kind, or the paths of such files.
            k: How many to give at most.

        Raises:
            ValueError: An image cannot be read.
        """
        return self.nearest_words_of(self.points(images), k)

    def nearest_words_of(self, points: np.ndarray, k: int = 10) -> list[list[NearWord]]:
        """Return what `nearest_words` does, for points [n, dim] of the label space."""
        return nearest_words(points, self.words, k, self.device)

    @torch.inference_mode()
    def points(self, images: Sequence[ImageLike]) -> np.ndarray:
        """Map images to unit vectors of the label space, float32 [images, dim].

        Raises:
            ValueError: An image cannot be read.
        """
        points = [np.empty((0, self.model.config.dim), dtype=np.float32)]
        for start in range(0, len(images), BATCH_SIZE):
            batch = images[start : start + BATCH_SIZE]
            pixels = [self._decoded(image, start + row) for row, image in enumerate(batch)]
            points.append(self.points_of(np.stack(pixels)))
        return np.concatenate(points)

    def decode(self, image: ImageLike) -> np.ndarray:
        """Return what the network is shown of an image: uint8 [input_size, input_size, 3].

        Raises:
            Exception: One of `UNREADABLE`.
        """
        if not isinstance(image, bytes):
            check_bytes(Path(image).stat().st_size)
            image = Path(image).read_bytes()
        return decode_centre(image, self.model.config.visual.view)

    @torch.inference_mode()
    def points_of(self, pixels: np.ndarray) -> np.ndarray:
        """Map what `decode` returned, uint8 [B, input_size, input_size, 3], to unit vectors."""
        images = normalised(pixels, self.model.config.visual.view, self.device)
        points: np.ndarray = self.model.embed(images).cpu().numpy()
        return points

    def rank_points(
        self,
        points: np.ndarray,
        labels: Sequence[str] | None = None,
        k: int = 5,
        candidates: Candidates = "seen",
    ) -> list[list[RankedLabel]]:
        """Rank labels as `rank` does, for points [n, dim] of the label space."""
        chosen = new_labels(labels, self.words) if labels else self._own(candidates)
        k = min(k, len(chosen.wnids))
        nearest = max(k, NEAREST_TERMS)
        ranks, cosines = rank_positions(points, chosen, k, nearest, self.device)
        named = self._given if labels else self._known
        return [
            [
                named(chosen.wnids[place], float(cosine))
                for place, cosine in zip(row, near, strict=True)
                if place >= 0
            ]
            for row, near in zip(ranks, cosines, strict=True)
        ]

    @property
    def device(self) -> torch.device:
        """Where the network runs and labels are ranked."""
        return self.model.projection.weight.device

    @cached_property
    def words(self) -> Words:
        """Every word vector; read when it is first asked for, and kept."""
        return read_words(self.folder / "label_space")

    @cached_property
    def _seen_terms(self) -> frozenset[str]:
        return frozenset(normalise_term(term) for wnid in self.seen for term in self.terms[wnid])

    def _own(self, candidates: Candidates) -> CandidateTerms:
        if candidates not in self.candidates:
            there = " or ".join(self.candidates)
            raise ValueError(
                f"The model has no label with a vector among {candidates!r}: choose {there}."
            )
        return self.candidates[candidates]

    def _known(self, wnid: str, cosine: float) -> RankedLabel:
        return RankedLabel(self.terms[wnid][0], wnid, wnid in self.seen, cosine)

    def _given(self, label: str, cosine: float) -> RankedLabel:
        return RankedLabel(label, None, normalise_term(label) in self._seen_terms, cosine)

    def _decoded(self, image: ImageLike, number: int) -> np.ndarray:
        try:
            return self.decode(image)
        except UNREADABLE as error:
            raise ValueError(
                f"Image {number + 1} cannot be read ({type(error).__name__}: {error}): give a "
                "JPEG, PNG or another image that PIL opens."
            ) from error


def read_labeller(model_folder: Path, device: torch.device | None = None) -> Labeller:
    """Load a model from its folder.

    Args:
        model_folder: Of a DeViSE model.
        device: Where the network runs; None: the best there is.

    Raises:
        ValueError: The folder holds no DeViSE model.
    """
    model = read_devise_model(model_folder, device or pick_device())
    space = read_label_space(model_folder / "label_space")
    terms = {
        wnid: [term.replace(JOINER, " ") for term in own]
        for wnid, own in zip(space.labels["wnid"], space.labels["terms"], strict=True)
    }
    seen = members(space, SEEN)
    return Labeller(model, model_folder, space, _candidates(space, seen), terms, frozenset(seen))


def _candidates(space: LabelSpace, seen: Sequence[str]) -> dict[str, CandidateTerms]:
    every = list(space.labels["wnid"])
    sets = {"seen": seen, "unseen": sorted(set(every) - set(seen)), "all": every}
    with_vector = {wnid for own in space.terms["wnids"] for wnid in own}
    return {
        name: candidate_terms(space, wnids)
        for name, wnids in sets.items()
        if not with_vector.isdisjoint(wnids)
    }


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
