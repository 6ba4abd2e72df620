"""What a network answered, kept once it is done, so that a killed evaluation does not ask it again.

A ranking is kept as numbers into the list of the wnids that it has, and their cosines.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from components.shared.execution.progress import say
from components.shared.ranking.rankers import Ranking
from components.shared.storage.checkpoint import CheckpointStore

Rankings = dict[tuple[str, str], Ranking]
"""For (model, candidates) the ranking of each tested image."""

BETWEEN = "/"
"""Stands between a model and a candidate set; no name of either has it."""
COSINES = f"{BETWEEN}cosines"


def answered(checkpoints: CheckpointStore, name: str, ask: Callable[[], Rankings]) -> Rankings:
    """Return the answers that were kept, or ask and keep them.

    Args:
        checkpoints: Where they are kept; the caller clears them.
        name: Of the network.
        ask: Gives its answers on all candidate sets.
    """
    found = checkpoints.load(f"answers_of_{name}")
    if found is not None:
        say(f"evaluate: the answers of {name} are taken as they were kept")
        return _answers(*found)
    answers = ask()
    checkpoints.save(f"answers_of_{name}", *_state(answers))
    return answers


def _state(answers: Rankings) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    tensors, wnids = {}, {}
    for key, rankings in answers.items():
        name, shape = BETWEEN.join(key), rankings.wnids.shape
        numbers, known = pd.factorize(rankings.wnids.ravel())
        tensors[name] = numbers.astype(np.int32).reshape(shape)
        tensors[f"{name}{COSINES}"] = rankings.cosines
        wnids[name] = list(known)
    return tensors, {"wnids": wnids}


def _answers(tensors: dict[str, np.ndarray], state: dict[str, Any]) -> Rankings:
    answers: Rankings = {}
    for name, wnids in state["wnids"].items():
        model, _, candidates = name.partition(BETWEEN)
        # -1, the number of no wnid, is the last place.
        ranked = np.array([*wnids, None], dtype=object)[tensors[name]]
        answers[model, candidates] = Ranking(ranked, tensors[f"{name}{COSINES}"])
    return answers
