"""Trains the skip-gram model with hierarchical softmax (section 3.1) in blocks that can be resumed.

gensim's `Word2Vec` does the training. A block is one call of its `train`, with the learning rate
carried on over all blocks and passes; between two blocks, every ten minutes, the weights, the state
of the random numbers and the position are saved. With one worker the result is the same bit by bit,
killed or not; more workers write to the same weights without locks (Hogwild), so that no two runs
are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec

from components.shared.execution.progress import Progress, say
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.blocks import Block, plan_blocks, read_block

CHECKPOINT = "skipgram"


def build_model(config: SkipgramSettings, vocabulary: Mapping[str, int]) -> Word2Vec:
    """Build an untrained skip-gram model.

    Args:
        config: The stage's parameters.
        vocabulary: Counts of the terms, in the order of the rows.
    """
    model = Word2Vec(
        sg=1,
        hs=1,
        negative=0,
        vector_size=config.dim,
        window=config.window,
        sample=config.subsampling,
        workers=config.workers,
        seed=config.seed,
        # The vocabulary is chosen and ordered already; gensim's own sort leaves ties to chance.
        min_count=1,
        sorted_vocab=0,
    )
    model.build_vocab_from_freq(dict(vocabulary))
    return model


def train(
    model: Word2Vec, config: SkipgramSettings, files: Sequence[Path], checkpoints: CheckpointStore
) -> None:
    """Train the model on all passes over the corpus, from the last checkpoint on.

    Args:
        model: From `build_model`; its weights are trained in place.
        config: The stage's parameters.
        files: Corpus files in order.
        checkpoints: Where a killed training is resumed from; the caller clears them.
    """
    blocks = plan_blocks(files, config.block_tokens) * config.epochs
    finished = restore(model, checkpoints)
    ends = np.cumsum([0, *(block.tokens for block in blocks)])
    rates = _learning_rates(config, ends)
    progress = Progress("train_skipgram", float(ends[-1] - ends[finished]), "words")
    timer = checkpoints.timer()
    for number in range(finished, len(blocks)):
        reporting = _Reporting(progress, float(ends[number] - ends[finished]))
        _train_block(model, files, blocks[number], rates[number : number + 2], reporting)
        if timer.is_due():
            _save(model, number + 1, checkpoints)
            timer.restart()
    progress.finish()


def _learning_rates(config: SkipgramSettings, ends: np.ndarray) -> np.ndarray:
    """Learning rate at the blocks' borders, falling linearly with the tokens seen."""
    fall = config.learning_rate - config.minimum_learning_rate
    rates: np.ndarray = config.learning_rate - fall * ends / ends[-1]
    return rates


class _Reporting:
    """Counts the tokens that are handed to gensim."""

    def __init__(self, progress: Progress, done: float) -> None:
        self.progress, self.done = progress, done

    def tokens_of(self, lines: Sequence[str]) -> Iterator[list[str]]:
        for line in lines:
            tokens = line.split()
            yield tokens
            self.done += len(tokens)
            self.progress.update(self.done)


def _train_block(
    model: Word2Vec,
    files: Sequence[Path],
    block: Block,
    rates: np.ndarray,
    reporting: _Reporting,
) -> None:
    # Read before gensim starts its threads: an error in one of them would make it wait for ever.
    lines = read_block(files, block)
    model.alpha, model.min_alpha = float(rates[0]), float(rates[1])
    model.min_alpha_yet_reached = model.alpha
    model.train(reporting.tokens_of(lines), total_words=block.tokens, epochs=1)


def _save(model: Word2Vec, finished: int, checkpoints: CheckpointStore) -> None:
    _, keys, position, _, _ = model.random.get_state()
    tensors = {"vectors": model.wv.vectors, "tree": model.syn1, "random_keys": keys}
    checkpoints.save(CHECKPOINT, tensors, {"blocks": finished, "random_position": position})


def restore(model: Word2Vec, checkpoints: CheckpointStore) -> int:
    """Put the model into the state of the last checkpoint.

    Returns:
        How many blocks it has been trained on; 0 where there is no checkpoint.

    Raises:
        ValueError: The checkpoint is one of another vocabulary.
    """
    found = checkpoints.load(CHECKPOINT)
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
