"""Rankings as numbers: a tenth of the memory that as many references to wnids and floats take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.shared.artifacts.evaluation import COSINE_DIGITS
from components.shared.ranking.made import Made

Key = tuple[str, str]
"""A model and a candidate set."""

NO_COSINE = np.iinfo(np.int16).min
_SCALE = 10**COSINE_DIGITS


@dataclass(frozen=True)
class Packed:
    """The ranking of some images.

    Attributes:
        places: int16 or int32 [images, 20], of each wnid in a list of all; -1 where there is none.
        cosines: int16 [images, 20], in units of their last digit that is kept.
        scores: float32 [images, 20], what labels were ranked by, to the last digit; None where
            these are not kept.
    """

    places: np.ndarray
    cosines: np.ndarray
    scores: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of it."""
        scores = 0 if self.scores is None else self.scores.nbytes
        return int(self.places.nbytes + self.cosines.nbytes + scores)


class Names:
    """All wnids that can be ranked, by the numbers that stand for them.

    Attributes:
        wnids: Each once.
    """

    def __init__(self, wnids: Sequence[str]) -> None:
        """Number the wnids in their order."""
        self.wnids = tuple(wnids)
        self._index = pd.Index(self.wnids, dtype=object)
        self._known = np.array([*self.wnids, None], dtype=object)
        self._type = np.int16 if len(wnids) <= np.iinfo(np.int16).max else np.int32

    def packed(
        self, wnids: np.ndarray, cosines: np.ndarray, scores: np.ndarray | None = None
    ) -> Packed:
        """Return a ranking as numbers.

        Args:
            wnids: object [images, 20], all among these, padded with None.
            cosines: float32 [images, 20], padded with NaN.
            scores: float32 [images, 20], padded with NaN; None where they are not to be kept.
        """
        places = self.numbers_of(wnids.ravel()).reshape(wnids.shape)
        assert not pd.notna(wnids[places < 0]).any(), "a wnid is ranked that no label has"
        return Packed(places, _rounded(cosines), scores)

    def numbers_of(self, wnids: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the numbers of wnids, int16 or int32 [wnids], -1 of one that cannot be ranked."""
        numbers: np.ndarray = self._index.get_indexer(wnids).astype(self._type)
        return numbers

    def wnids_of(self, packed: Packed) -> np.ndarray:
        """Return the wnids of a ranking, object [images, 20], None where there is none."""
        # -1, the number of no wnid, is the last place.
        named: np.ndarray = self._known[packed.places]
        return named


def cosines_of(packed: Packed) -> np.ndarray:
    """Return the cosines of a ranking, float32 [images, 20], NaN where there is none."""
    cosines = packed.cosines.astype(np.float32) / np.float32(_SCALE)
    cosines[packed.cosines == NO_COSINE] = np.nan
    return cosines


def joined(parts: Sequence[Packed]) -> Packed:
    """Return the ranking of the images of all parts, in their order."""
    if len(parts) == 1:
        # As it is: of what lies in files only what is asked for is read.
        return parts[0]
    places = np.concatenate([part.places for part in parts])
    scores = [part.scores for part in parts if part.scores is not None]
    return Packed(
        places,
        np.concatenate([part.cosines for part in parts]),
        np.concatenate(scores) if len(scores) == len(parts) else None,
    )


def _rounded(cosines: np.ndarray) -> np.ndarray:
    rounded = np.rint(cosines.astype(np.float32) * np.float32(_SCALE))
    return np.where(np.isnan(rounded), NO_COSINE, rounded).astype(np.int16)


def unpacked(rankings: Mapping[Key, Packed], names: Names) -> Made[Key, np.ndarray]:
    """Return the wnids of rankings, object [images, 20] each, best first, padded with None."""
    return Made(rankings, lambda key: names.wnids_of(rankings[key]))


def unpacked_cosines(rankings: Mapping[Key, Packed]) -> Made[Key, np.ndarray]:
    """Return the cosines of rankings, float32 [images, 20] each, padded with NaN."""
    return Made(rankings, lambda key: cosines_of(rankings[key]))
