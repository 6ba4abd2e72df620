"""Trains the skip-gram model with hierarchical softmax (section 3.1) in blocks that can be resumed.

gensim's `Word2Vec` does the training. A block is one call of its `train`, with the learning rate
carried on over all blocks and passes; between two blocks, every ten minutes, the weights, the state
of the random numbers and the position are saved. With one worker the result is the same bit by bit,
killed or not; more workers write to the same weights without locks (Hogwild), so that no two runs
are the same, and read the text themselves: `threads`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from components.shared.execution.progress import Progress
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.blocks import Block, plan_blocks, read_block
from components.train_skipgram.states import restore, save
from components.train_skipgram.threads import train_by_threads


def build_model(config: SkipgramSettings, vocabulary: Mapping[str, int], dim: int = 0) -> Word2Vec:
    """Build an untrained skip-gram model.

    Args:
        config: The stage's parameters.
        vocabulary: Counts of the terms, in the order of the rows.
        dim: Of the vectors; 0: as the parameters say.
    """
    model = Word2Vec(
        sg=1,
        hs=1,
        negative=0,
        vector_size=dim or config.dim,
        window=config.window,
        sample=config.subsampling,
        workers=config.workers,
        seed=config.seed + config.draw,
        # The vocabulary is chosen and ordered already; gensim's own sort leaves ties to chance.
        min_count=1,
        sorted_vocab=0,
    )
    model.build_vocab_from_freq(dict(vocabulary))
    return model


def train(
    model: Word2Vec, config: SkipgramSettings, files: Sequence[Path], checkpoints: CheckpointStore
) -> int:
    """Train the model on all passes over the corpus, from the last checkpoint on.

    Args:
        model: From `build_model`; its weights are trained in place.
        config: The stage's parameters.
        files: Corpus files in order.
        checkpoints: Where a killed training is resumed from; the caller clears them.

    Returns:
        How many blocks, or shares of threads, it has been trained on.
    """
    if config.workers > 1:
        rates = config.learning_rate, config.minimum_learning_rate
        return train_by_threads(model, files, config.epochs, rates, checkpoints)
    return _train_in_order(model, config, files, checkpoints)


def _train_in_order(
    model: Word2Vec, config: SkipgramSettings, files: Sequence[Path], checkpoints: CheckpointStore
) -> int:
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
            save(model, number + 1, checkpoints)
            timer.restart()
    progress.finish()
    return len(blocks)


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
