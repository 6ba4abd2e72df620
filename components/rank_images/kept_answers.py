"""What networks answered, kept as it comes, so that a killed evaluation goes on where it was."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.shared.execution.progress import say
from components.shared.ranking.packed import Key, Packed, joined
from components.shared.storage.checkpoint import CheckpointStore

Rankings = dict[Key, Packed]
"""For (model, candidates) the ranking of each tested image."""

BETWEEN = "/"
"""Stands between a model and a candidate set; no name of either has it."""
COSINES = f"{BETWEEN}cosines"


@dataclass(frozen=True)
class Chunk:
    """Answers on neighbouring images.

    Attributes:
        images: How many.
        answers: For (model, candidates) the ranking of those that are asked about.
    """

    images: int
    answers: Rankings


def answered(
    checkpoints: CheckpointStore, name: str, ask: Callable[[int], Iterator[Chunk]]
) -> Rankings:
    """Return all answers: those that were kept, and those to the images after them.

    Args:
        checkpoints: Where they are kept, every ten minutes and at the end; the caller clears them.
        name: Of the networks.
        ask: Given the first image, counted from 0, gives the answers from there on.
    """
    kept = _kept(checkpoints, name)
    done, is_whole = sum(chunk.images for chunk, _ in kept), any(last for _, last in kept)
    if kept:
        said = "all" if is_whole else f"those on the first {done:,} images"
        say(f"evaluate: of the answers of {name} {said} are taken as they were kept")
    parts, waiting, timer = [chunk for chunk, _ in kept], [], checkpoints.timer()
    for chunk in ask(done) if not is_whole else ():
        waiting.append(chunk)
        if timer.is_due():
            parts.append(_join(waiting))
            checkpoints.save(_name(name, len(parts) - 1), *_state(parts[-1], is_last=False))
            waiting = []
            timer.restart()
    if not is_whole:
        parts.append(_join(waiting))
        checkpoints.save(_name(name, len(parts) - 1), *_state(parts[-1], is_last=True))
    return _join(parts).answers


def _name(name: str, number: int) -> str:
    return f"answers_of_{name}_{number}"


def _kept(checkpoints: CheckpointStore, name: str) -> list[tuple[Chunk, bool]]:
    """The chunks that were kept, each with whether it was the last."""
    found: list[tuple[Chunk, bool]] = []
    while state := checkpoints.load(_name(name, len(found))):
        found.append(_chunk(*state))
    return found


def _join(chunks: list[Chunk]) -> Chunk:
    keys = dict.fromkeys(key for chunk in chunks for key in chunk.answers)
    answers = {
        key: joined([chunk.answers[key] for chunk in chunks if key in chunk.answers])
        for key in keys
    }
    return Chunk(sum(chunk.images for chunk in chunks), answers)


def _state(chunk: Chunk, *, is_last: bool) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    tensors: dict[str, np.ndarray] = {}
    for key, packed in chunk.answers.items():
        name = BETWEEN.join(key)
        tensors |= {name: packed.places, f"{name}{COSINES}": packed.cosines}
    names = [BETWEEN.join(key) for key in chunk.answers]
    return tensors, {"images": chunk.images, "is_last": is_last, "answers": names}


def _chunk(tensors: Mapping[str, np.ndarray], state: Mapping[str, Any]) -> tuple[Chunk, bool]:
    answers: Rankings = {}
    for name in state["answers"]:
        model, _, candidates = name.partition(BETWEEN)
        answers[model, candidates] = Packed(tensors[name], tensors[f"{name}{COSINES}"])
    return Chunk(state["images"], answers), state["is_last"]
