"""Rankings as numbers: a tenth of the memory that as many references to wnids and floats take."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.shared.artifacts.evaluation import COSINE_DIGITS

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
    """

    places: np.ndarray
    cosines: np.ndarray


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

    def packed(self, wnids: np.ndarray, cosines: np.ndarray) -> Packed:
        """Return a ranking as numbers.

        Args:
            wnids: object [images, 20], all among these, padded with None.
            cosines: float32 [images, 20], padded with NaN.
        """
        flat = wnids.ravel()
        places = self._index.get_indexer(flat)
        assert not pd.notna(flat[places < 0]).any(), "a wnid is ranked that no label has"
        return Packed(places.astype(self._type).reshape(wnids.shape), _rounded(cosines))

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
    places = np.concatenate([part.places for part in parts])
    return Packed(places, np.concatenate([part.cosines for part in parts]))


def _rounded(cosines: np.ndarray) -> np.ndarray:
    rounded = np.rint(cosines.astype(np.float32) * np.float32(_SCALE))
    return np.where(np.isnan(rounded), NO_COSINE, rounded).astype(np.int16)


class Unpacked(Mapping[Key, np.ndarray]):
    """The wnids of many rankings, one of which is in memory at a time."""

    def __init__(self, rankings: Mapping[Key, Packed], names: Names) -> None:
        """Hold the rankings as numbers."""
        self._rankings, self._names = rankings, names

    def __getitem__(self, key: Key) -> np.ndarray:
        """Return wnids, object [images, 20], best first, padded with None."""
        return self._names.wnids_of(self._rankings[key])

    def __contains__(self, key: object) -> bool:
        """Whether there is such a ranking; none is unpacked."""
        return key in self._rankings

    def __iter__(self) -> Iterator[Key]:
        """Go through models and candidate sets."""
        return iter(self._rankings)

    def __len__(self) -> int:
        """Number of rankings."""
        return len(self._rankings)


class UnpackedCosines(Unpacked):
    """The cosines of many rankings, one of which is in memory at a time."""

    def __getitem__(self, key: Key) -> np.ndarray:
        """Return cosines, float32 [images, 20], padded with NaN."""
        return cosines_of(self._rankings[key])
