"""Lists of numbers, laid out row by row where they are used, and their first occurrences.

Everything is a few operations on whole tensors, with bounds that are known beforehand: a GPU is
never waited for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Lists:
    """Lists of numbers, one after another, on a device.

    Attributes:
        starts: int64 [lists]; list i is `items[starts[i]:starts[i] + lengths[i]]`.
        lengths: int64 [lists].
        items: int64, all of them.
        longest: The lengths, longest first; on the CPU.
    """

    starts: Tensor
    lengths: Tensor
    items: Tensor
    longest: np.ndarray

    def widest(self, lists: int) -> int:
        """Return how many numbers that many different lists can have together."""
        return int(self.longest[:lists].sum())


def lists_on(device: torch.device | str, starts: np.ndarray, items: np.ndarray) -> Lists:
    """Put lists on a device.

    Args:
        device: Where to.
        starts: int64 [lists + 1]; list i is `items[starts[i]:starts[i + 1]]`.
        items: int64.
    """
    lengths = np.diff(starts)
    first, count, every = (
        torch.from_numpy(np.ascontiguousarray(array)).to(device)
        for array in (starts[:-1], lengths, items)
    )
    return Lists(first, count, every, np.sort(lengths)[::-1])


def laid_out(lists: Lists, chosen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Write the chosen lists of each row one after another.

    Args:
        lists: All lists.
        chosen: int64 [n, m], in each row numbers of different lists.

    Returns:
        items, int64 [n, width]; slots, int64 [n, width], the place in `chosen` of the list that
        each is from; and there, bool [n, width], which of them are: rows end at different places.
    """
    ends = lists.lengths[chosen].cumsum(dim=1)
    places = torch.arange(lists.widest(chosen.shape[1]), device=chosen.device)
    places = places.expand(len(chosen), -1).contiguous()
    slots = torch.searchsorted(ends, places, right=True)
    there = slots < chosen.shape[1]
    slots = slots.clamp(max=chosen.shape[1] - 1)
    of_list = chosen.gather(1, slots)
    within = places - ends.gather(1, slots) + lists.lengths[of_list]
    items = lists.items[(lists.starts[of_list] + within).clamp(max=len(lists.items) - 1)]
    return items, slots, there


def first_occurrences(items: Tensor, there: Tensor) -> Tensor:
    """Return which items are there and not met further left in their row: bool [n, width].

    Args:
        items: int64 [n, width], not negative.
        there: bool [n, width]; the others do not count.
    """
    width = items.shape[1]
    places = torch.arange(width, device=items.device)
    keys, _ = torch.where(there, items * width + places, -1 - places).sort(dim=1)
    numbers = keys.div(width, rounding_mode="floor")
    new = keys >= 0
    new[:, 1:] &= numbers[:, 1:] != numbers[:, :-1]
    return torch.zeros_like(there).scatter_(1, keys % width, new)


def cut(kept: Tensor, k: int, columns: Sequence[tuple[Tensor, float]]) -> list[Tensor]:
    """Return of each row the first k entries that are kept.

    Args:
        kept: bool [n, width].
        k: How many at most.
        columns: Of what, [n, width], and what stands where a row has fewer.

    Returns:
        [n, k] for each of the columns.
    """
    places = (kept.cumsum(dim=1) - 1).masked_fill(~kept, k).clamp(max=k)
    return [
        values.new_full((len(values), k + 1), fill).scatter_(1, places, values)[:, :k]
        for values, fill in columns
    ]
