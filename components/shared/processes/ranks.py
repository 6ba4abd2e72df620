"""Which of several processes this one is, its part of the work, and sums over all of them.

Where a process works alone it is the first of one, and its part is everything.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist

LOCAL_RANK, LOCAL_RANKS = "LOCAL_RANK", "LOCAL_WORLD_SIZE"
"""In the environment of a rank: its number on its machine, and how many there are."""
MONTH = timedelta(days=30)
"""More than the first rank works by itself; if it dies the others are ended."""

Item = TypeVar("Item")
Batch = TypeVar("Batch", bound=Any)


def rank() -> int:
    """The number of this process, counted from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def ranks() -> int:
    """How many processes work together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_first() -> bool:
    """Whether this is the process that logs, says, saves and writes."""
    return rank() == 0


def local_rank() -> int:
    """The number of this process on its machine: that of its GPU."""
    return int(os.environ.get(LOCAL_RANK, "0"))


def local_ranks() -> int:
    """How many processes share this machine."""
    return int(os.environ.get(LOCAL_RANKS, "1"))


@dataclass(frozen=True)
class Part:
    """The rows of something, such as a batch, that are this process's.

    Attributes:
        start: The first.
        stop: The one after the last.
        whole: Rows in all processes.
        ranks: How many processes there are.
    """

    start: int
    stop: int
    whole: int
    ranks: int = 1

    @property
    def weight(self) -> float:
        """What the mean over the own rows counts, where the mean over processes follows."""
        return self.ranks * (self.stop - self.start) / self.whole

    def of(self, rows: Batch) -> Batch:
        """Take the own rows of all."""
        own: Batch = rows[self.start : self.stop]
        return own


def own_part(rows: int) -> Part:
    """Return which of so many rows are this process's: neighbours, as many as each other's."""
    number, of = rank(), ranks()
    return Part(rows * number // of, rows * (number + 1) // of, rows, of)


def part_of_batch(rows: int, setting: str) -> Part:
    """Return which rows of each batch are this process's.

    Args:
        rows: Of a batch, in all processes.
        setting: What says how many processes there are.

    Raises:
        ValueError: There are fewer rows than processes.
    """
    if rows < ranks():
        raise ValueError(
            f"A batch has {rows} image(s) for {ranks()} processes: lower {setting} or give more."
        )
    return own_part(rows)


def summed(tensor: torch.Tensor) -> torch.Tensor:
    """Return the sum of a tensor over all processes."""
    if ranks() == 1:
        return tensor
    total = tensor.detach().clone()
    dist.all_reduce(total)
    return total


def gathered(item: Item) -> list[Item]:
    """Return what all processes give, in the order of their numbers."""
    if ranks() == 1:
        return [item]
    items: list[Any] = [None] * ranks()
    dist.all_gather_object(items, item)
    return items


@contextmanager
def first_rank_first(name: str) -> Iterator[None]:
    """Let the first process through, and the others once it has left the context.

    Args:
        name: Of what it does, another for each.
    """
    if ranks() == 1:
        yield
        return
    store = dist.distributed_c10d._get_default_store()
    if not is_first():
        store.wait([name], MONTH)
    yield
    if is_first():
        store.set(name, "done")
