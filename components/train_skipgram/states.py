"""What a killed training goes on from: weights, state of the random numbers, how far it is."""

from typing import Any

import numpy as np
from gensim.models import Word2Vec

from components.shared.execution.progress import say
from components.shared.storage.checkpoint import CheckpointStore


def checkpoint_of(dim: int) -> str:
    """Name of the checkpoint of vectors of so many dimensions."""
    return f"skipgram_{dim}"


def save(model: Word2Vec, finished: int, checkpoints: CheckpointStore) -> None:
    """Keep the state of a model.

    Args:
        model: No thread trains it meanwhile.
        finished: How many blocks it has been trained on.
        checkpoints: Where it is kept.
    """
    _, keys, position, _, _ = model.random.get_state()
    tensors = {"vectors": model.wv.vectors, "tree": model.syn1, "random_keys": keys}
    checkpoints.save(
        checkpoint_of(model.vector_size), tensors, {"blocks": finished, "random_position": position}
    )


def restore(model: Word2Vec, checkpoints: CheckpointStore) -> int:
    """Put the model into the state of the last checkpoint.

    Returns:
        How many blocks it has been trained on; 0 where there is no checkpoint.

    Raises:
        ValueError: The checkpoint is one of another vocabulary.
    """
    found = checkpoints.load(checkpoint_of(model.vector_size))
    if found is None:
        return 0
    tensors, state = found
    if tensors["vectors"].shape != model.wv.vectors.shape:
        raise ValueError(
            f"The checkpoint in {checkpoints.uri} has vectors {tensors['vectors'].shape}, "
            f"the vocabulary needs {model.wv.vectors.shape}: delete it to start anew."
        )
    model.wv.vectors[:], model.syn1[:] = tensors["vectors"], tensors["tree"]
    model.random.set_state(_random_state(tensors["random_keys"], state["random_position"]))
    say(f"train_skipgram: goes on after block {state['blocks']}")
    return int(state["blocks"])


def _random_state(keys: np.ndarray, position: int) -> tuple[Any, ...]:
    return ("MT19937", keys, position, 0, 0.0)
