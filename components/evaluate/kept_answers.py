"""What a network answered, kept once it is done, so that a killed evaluation does not ask it again.

A ranking is kept as numbers into the list of the wnids that it has.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from components.shared.artifacts.evaluation import Answers
from components.shared.execution.progress import say
from components.shared.storage.checkpoint import CheckpointStore

BETWEEN = "/"
"""Stands between a model and a candidate set; no name of either has it."""


def answered(checkpoints: CheckpointStore, name: str, ask: Callable[[], Answers]) -> Answers:
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


def _state(answers: Answers) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    tensors, wnids = {}, {}
    for key, rankings in answers.items():
        numbers, known = pd.factorize(rankings.ravel())
        tensors[BETWEEN.join(key)] = numbers.astype(np.int32).reshape(rankings.shape)
        wnids[BETWEEN.join(key)] = list(known)
    return tensors, {"wnids": wnids}


def _answers(tensors: dict[str, np.ndarray], state: dict[str, Any]) -> Answers:
    answers: Answers = {}
    for name, wnids in state["wnids"].items():
        model, _, candidates = name.partition(BETWEEN)
        # -1, the number of no wnid, is the last place.
        answers[model, candidates] = np.array([*wnids, None], dtype=object)[tensors[name]]
    return answers
