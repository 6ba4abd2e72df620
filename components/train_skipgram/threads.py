"""Trains with several threads, each of which reads its share of the corpus files by itself.

gensim's `corpus_file` mode, without Python's lock: no iterator of Python's lines keeps many threads
at work. gensim's own division of a file, by bytes, begins in the middle of a line, has every thread
learn at the rates of the beginning, and wants one file; so the shares are ours (`shares`), and each
has its own part of the falling learning rate. A thread that is done takes the next one.
"""

import copy
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from gensim.matutils import zeros_aligned
from gensim.models import Word2Vec
from gensim.models.word2vec_corpusfile import CythonVocab, train_epoch_sg

from components.shared.execution.progress import Progress
from components.shared.execution.threads import in_order
from components.shared.storage.checkpoint import CheckpointStore, SaveTimer
from components.train_skipgram.shares import Share, plan_shares
from components.train_skipgram.states import restore, save

SHARE_TOKENS = 20_000
"""Some tenths of a second of a thread's work: so much the last ones wait for each other."""

Rated = tuple[Share, float, float]
"""A share, the learning rate at its beginning and that at its end."""


def train_by_threads(
    model: Word2Vec,
    files: Sequence[Path],
    epochs: int,
    rates: tuple[float, float],
    checkpoints: CheckpointStore,
) -> int:
    """Train the model on all passes over the corpus, from the last checkpoint on.

    Args:
        model: Its weights are trained in place, by `model.workers` threads.
        files: Corpus files in order.
        epochs: Passes.
        rates: Learning rate at the beginning and at the end.
        checkpoints: Where a killed training is resumed from; the caller clears them.

    Returns:
        How many shares it has been trained on.
    """
    rated = _rated(plan_shares(files, SHARE_TOKENS) * epochs, rates)
    begun = finished = restore(model, checkpoints)
    ends = np.cumsum([0, *(share.tokens for share, _, _ in rated)])
    progress = Progress("train_skipgram", float(ends[-1] - ends[begun]), "words")
    work = partial(_train_share, model, CythonVocab(model.wv, hs=model.hs), files)
    while finished < len(rated):
        timer = checkpoints.timer()
        shares = _until_due(rated[finished:], timer)
        for _ in in_order(work, shares, model.workers, model.workers):
            finished += 1
            progress.update(float(ends[finished] - ends[begun]))
        if timer.is_due():
            save(model, finished, checkpoints)
    progress.finish()
    return finished


def _rated(shares: Sequence[Share], rates: tuple[float, float]) -> list[Rated]:
    """Each share with the learning rates at its two ends, which fall with the tokens seen."""
    ends = np.cumsum([0, *(share.tokens for share in shares)])
    falling = (rates[0] - (rates[0] - rates[1]) * ends / ends[-1]).tolist()
    return list(zip(shares, falling, falling[1:], strict=False))


def _until_due(rated: Sequence[Rated], timer: SaveTimer) -> Iterator[Rated]:
    """The shares that may begin before it is time to save, one of them at least."""
    for number, share in enumerate(rated):
        if number and timer.is_due():
            return
        yield share


def _train_share(
    model: Word2Vec, vocabulary: CythonVocab, files: Sequence[Path], rated: Rated
) -> None:
    share, *rates = rated
    # The same weights, at the share's own rates; alone, it reads until it has more than it is told.
    view = copy.copy(model)
    view.alpha, view.min_alpha, view.workers, view.epochs = *rates, 1, 1
    room = zeros_aligned(model.layer1_size, dtype=np.float32)
    path, most = str(files[share.file]), share.tokens - 1
    train_epoch_sg(view, path, share.offset, vocabulary, 0, None, most, room, room, False)
