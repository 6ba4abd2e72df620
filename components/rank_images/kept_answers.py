"""What networks answered, kept as it comes, so that a killed ranking goes on where it was."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.shared.execution.progress import say
from components.shared.ranking.packed import Key, Packed, joined
from components.shared.storage.checkpoint import CheckpointStore

Rankings = dict[Key, Packed]
"""For (model, candidates) the ranking of neighbouring tested images."""
Write = Callable[[Rankings], None]

BETWEEN = "/"
"""Stands between a model and a candidate set; no name of either has it."""
COSINES = f"{BETWEEN}cosines"
MOST_BYTES = 1 << 28
"""Of answers that wait in memory to be kept."""


@dataclass(frozen=True)
class Chunk:
    """Answers on neighbouring images.

    Attributes:
        images: How many.
        answers: For (model, candidates) the ranking of those that are asked about.
    """

    images: int
    answers: Rankings

    @property
    def size(self) -> int:
        """Bytes of the answers."""
        return sum(one.places.nbytes + one.cosines.nbytes for one in self.answers.values())


def keep_answers(
    checkpoints: CheckpointStore,
    name: str,
    part: range,
    ask: Callable[[int], Iterator[Chunk]],
    write: Write,
) -> None:
    """Write all answers: those that were kept, and those to the images after them.

    Args:
        checkpoints: Where they are kept, every ten minutes or before they fill the memory, and at
            the end; the caller clears them.
        name: Of the networks.
        part: The images that are asked about.
        ask: Given the first image gives the answers from there on.
        write: Takes the answers as they come, in the order of the images.
    """
    first, number = _take_kept(checkpoints, name, part, write)
    waiting: list[Chunk] = []
    timer = checkpoints.timer()
    for chunk in ask(first) if first < part.stop else ():
        write(chunk.answers)
        waiting.append(chunk)
        images = sum(one.images for one in waiting)
        is_last = first + images == part.stop
        if is_last or timer.is_due() or sum(one.size for one in waiting) >= MOST_BYTES:
            checkpoints.save(_name(name, number), *_state(_join(waiting), first))
            first, number, waiting = first + images, number + 1, []
            timer.restart()


def _take_kept(
    checkpoints: CheckpointStore, name: str, part: range, write: Write
) -> tuple[int, int]:
    """Write what was kept; the first image after it, and how many times it was kept."""
    first, number = part.start, 0
    while (state := checkpoints.load(_name(name, number))) and state[1]["first"] == first:
        chunk = _chunk(*state)
        write(chunk.answers)
        first, number = first + chunk.images, number + 1
    if number:
        done = first - part.start
        said = "all" if first == part.stop else f"those on the first {done:,} images"
        say(f"rank_images: of the answers of {name} {said} are taken as they were kept")
    return first, number


def _name(name: str, number: int) -> str:
    return f"answers_of_{name}_{number}"


def _join(chunks: list[Chunk]) -> Chunk:
    keys = dict.fromkeys(key for chunk in chunks for key in chunk.answers)
    answers = {
        key: joined([chunk.answers[key] for chunk in chunks if key in chunk.answers])
        for key in keys
    }
    return Chunk(sum(chunk.images for chunk in chunks), answers)


def _state(chunk: Chunk, first: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    tensors: dict[str, np.ndarray] = {}
    for key, packed in chunk.answers.items():
        name = BETWEEN.join(key)
        tensors |= {name: packed.places, f"{name}{COSINES}": packed.cosines}
    names = [BETWEEN.join(key) for key in chunk.answers]
    return tensors, {"first": first, "images": chunk.images, "answers": names}


def _chunk(tensors: Mapping[str, np.ndarray], state: Mapping[str, Any]) -> Chunk:
    answers: Rankings = {}
    for name in state["answers"]:
        model, _, candidates = name.partition(BETWEEN)
        answers[model, candidates] = Packed(tensors[name], tensors[f"{name}{COSINES}"])
    return Chunk(state["images"], answers)
