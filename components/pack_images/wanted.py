"""Which images a part packs: all that the index may come to have, as far as one part can tell.

What only the whole source tells, such as whether a class has training images elsewhere, is left to
prepare_images, which takes no more than it needs.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from components.pack_images.listing import Source
from components.shared.images.splits import (
    TRAIN,
    most_of_a_class,
    part_of,
    used_splits,
    zero_shot_only,
)
from components.shared.settings.images import ImagesSettings

HELD_OUT = "held out"
"""Of images whose class a list has: which part they are in is known when all are together."""


@dataclass(frozen=True, slots=True)
class _Later:
    """A path, in the order in which the last one is the smallest."""

    path: str

    def __lt__(self, other: Self) -> bool:
        return self.path > other.path


class Wanted:
    """Says which part an image is packed for."""

    def __init__(self, config: ImagesSettings, taught: Collection[str] = ()) -> None:
        """Know what is asked for.

        Args:
            config: Classes, splits and how many images of each.
            taught: Classes that are known to have images in other splits than those that are only
                there for zero-shot tests.
        """
        self.config, self.taught = config, taught
        self._unseen = frozenset(config.unseen)
        self._classes = frozenset(config.classes and [*config.classes, *config.unseen])
        self._held_out = used_splits(config) - {TRAIN}
        self._zero_shot_only = zero_shot_only(config)
        self._most = {seen: most_of_a_class(config, seen) for seen in (True, False)}
        self._first: dict[tuple[str, str], list[_Later]] = defaultdict(list)

    def part(self, source: Source) -> str:
        """Name what an image is packed for: train, validation, test, or held out; empty: nothing.

        Of each class and split the images of the first paths are wanted, among those asked about.
        """
        part = self._part(source)
        return part if part and self._is_among_the_first(source) else ""

    def forget(self) -> None:
        """Let the images that are asked about from now on be the first."""
        self._first.clear()

    def _part(self, source: Source) -> str:
        split, wnid = source.split, source.wnid
        if not wnid:
            return HELD_OUT if split in self._held_out else TRAIN
        if self._classes and wnid not in self._classes:
            return ""
        if wnid in self._unseen:
            return part_of(self.config, source.path, seen=False)
        if split in self._zero_shot_only:
            return "" if wnid in self.taught else "test"
        return part_of(self.config, source.path, seen=True)

    def _is_among_the_first(self, source: Source) -> bool:
        unseen = source.wnid in self._unseen or source.split in self._zero_shot_only
        most = self._most[not unseen]
        if not most or not source.wnid:
            return True
        first = self._first[source.split, source.wnid]
        if len(first) < most:
            heapq.heappush(first, _Later(source.path))
            return True
        if source.path > first[0].path:
            return False
        heapq.heapreplace(first, _Later(source.path))
        return True
