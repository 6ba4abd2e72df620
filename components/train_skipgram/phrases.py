"""Learns the common phrases of the corpus (section 3.1), so that each has a vector of its own.

gensim's `Phrases` finds them: two words, with connector words such as "of the" between them or
none, whose score (Mikolov et al. 2013, equation 6) is above a threshold,

    (count of both - minimum count) / (count of one * count of the other) * words and pairs seen.

Each pass reads the text with the phrases of the passes before it joined, so that two passes find
phrases of up to four words. The taxonomy's terms, joined when the corpus was prepared, stay as
they are: no phrase has one as a part.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phrases

from components.shared.artifacts.terms import JOINER
from components.shared.execution.progress import Progress, say
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore

CHECKPOINT = "skipgram_phrases"
BETWEEN = "\x1f"
"""Stands between the words of a phrase until it is joined: no token has it, many have a `_`."""

MOST_ENTRIES = 40_000_000
"""Words and pairs counted at once, about 6 GB; beyond it gensim forgets the rarest."""


@dataclass(frozen=True)
class PhrasePass:
    """The phrases that one pass has found.

    Attributes:
        scores: By phrase, its words separated by `BETWEEN`.
        counts: Occurrences of each in the text that the pass read.
        forgotten: Occurrences of rare words and pairs that were dropped to bound the memory; the
            scores are exact where it is 0.
    """

    scores: Mapping[str, float]
    counts: Mapping[str, int]
    forgotten: int = 0


def learn_phrases(
    config: SkipgramSettings,
    files: Sequence[Path],
    counts: Mapping[str, int],
    checkpoints: CheckpointStore,
) -> list[PhrasePass]:
    """Learn phrases in `phrase_passes` passes, from the last checkpoint on.

    Args:
        config: The stage's parameters.
        files: Corpus files in order.
        counts: Occurrences of the terms in these files.
        checkpoints: Where each pass is kept once it is done; the caller clears them.

    Raises:
        ValueError: The threshold is 0: every two words would be a phrase.
    """
    if config.phrase_threshold <= 0:
        raise ValueError("skipgram_phrase_threshold is 0: give a score above it, such as 10.")
    closed = {term for term in counts if JOINER in term}
    tokens = sum(counts.values())
    passes = restore(checkpoints)
    for number in range(len(passes) + 1, config.phrase_passes + 1):
        progress = Progress(f"train_skipgram: phrases, pass {number}", tokens, "words")
        lines = _reported(joined_lines(files, passes), progress)
        passes.append(learn_pass(config, lines, closed))
        progress.finish(f"{len(passes[-1].scores):,} phrases")
        _say_what_was_forgotten(passes[-1])
        _save(passes, checkpoints)
    return passes


def learn_pass(
    config: SkipgramSettings,
    lines: Iterable[Sequence[str]],
    closed: Collection[str],
    most_entries: int = MOST_ENTRIES,
) -> PhrasePass:
    """Learn phrases from the tokens of each line.

    Args:
        config: Threshold and minimum count.
        lines: Tokens of each line.
        closed: Tokens that are no part of a phrase.
        most_entries: Words and pairs counted at once; gensim looks after each line.
    """
    model = Phrases(
        min_count=config.phrase_minimum_count,
        threshold=config.phrase_threshold,
        delimiter=BETWEEN,
        connector_words=ENGLISH_CONNECTOR_WORDS,
        max_vocab_size=most_entries,
    )
    seen = _Seen()
    model.add_vocab(seen.entries_of(lines))
    scores = dict(_scored(model, closed))
    counts = {phrase: int(model.vocab[phrase]) for phrase in scores}
    return PhrasePass(scores, counts, seen.entries - sum(model.vocab.values()))


def _scored(model: Phrases, closed: Collection[str]) -> Iterator[tuple[str, float]]:
    """The phrases above the threshold, in the order in which the text has them."""
    for phrase, count in model.vocab.items():
        # A score above 0 needs more than the minimum count, which few of the millions have.
        if count > model.min_count and BETWEEN in phrase:
            first, *between, last = phrase.split(BETWEEN)
            _, score = model.score_candidate(first, last, between)
            if score is not None and first not in closed and last not in closed:
                yield phrase, score


class _Seen:
    """Counts the words and pairs that gensim is given, to know what it forgets."""

    def __init__(self) -> None:
        self.entries = 0

    def entries_of(self, lines: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        for tokens in lines:
            words = len(tokens) - sum(map(ENGLISH_CONNECTOR_WORDS.__contains__, tokens))
            self.entries += max(2 * words - 1, 0)
            yield tokens


def joined_lines(files: Sequence[Path], passes: Sequence[PhrasePass]) -> Iterator[list[str]]:
    """Read the corpus line by line, with the phrases of all passes joined.

    Args:
        files: Corpus files in order; tokens separated by one space.
        passes: In the order in which they were learned; none: the text as it is.
    """
    joiners = [_joiner(learned) for learned in passes]
    for path in files:
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                tokens = line.split()
                for joiner in joiners:
                    tokens = " ".join(joiner[tokens]).replace(BETWEEN, JOINER).split()
                yield tokens


def _joiner(learned: PhrasePass) -> FrozenPhrases:
    """Joiner of these phrases by gensim: from left to right, each word in one phrase at most."""
    empty = Phrases(delimiter=BETWEEN, connector_words=ENGLISH_CONNECTOR_WORDS)
    joiner = FrozenPhrases(empty)
    # Those above the threshold were chosen when they were learned; gensim's own is 10.
    joiner.threshold = 0.0
    joiner.phrasegrams = dict(learned.scores)
    return joiner


def _reported(lines: Iterable[list[str]], progress: Progress) -> Iterator[list[str]]:
    done = 0
    for tokens in lines:
        yield tokens
        done += len(tokens)
        progress.update(done)


def _say_what_was_forgotten(learned: PhrasePass) -> None:
    if learned.forgotten:
        say(
            f"train_skipgram: {learned.forgotten:,} occurrences of rare words and pairs were "
            f"dropped, to hold no more than {MOST_ENTRIES:,} of them in memory"
        )


def _save(passes: Sequence[PhrasePass], checkpoints: CheckpointStore) -> None:
    tensors = {}
    for number, learned in enumerate(passes):
        text = "\n".join(learned.scores).encode()
        tensors[f"phrases_{number}"] = np.frombuffer(text, dtype=np.uint8)
        tensors[f"scores_{number}"] = np.array(list(learned.scores.values()), dtype=np.float64)
        tensors[f"counts_{number}"] = np.array(list(learned.counts.values()), dtype=np.int64)
    forgotten = [learned.forgotten for learned in passes]
    checkpoints.save(CHECKPOINT, tensors, {"forgotten": forgotten})


def restore(checkpoints: CheckpointStore) -> list[PhrasePass]:
    """Return the passes that a killed stage had finished."""
    found = checkpoints.load(CHECKPOINT)
    if found is None:
        return []
    tensors, state = found
    passes = []
    for number, forgotten in enumerate(state["forgotten"]):
        text = tensors[f"phrases_{number}"].tobytes().decode()
        phrases = text.split("\n") if text else []
        scores = dict(zip(phrases, tensors[f"scores_{number}"].tolist(), strict=True))
        counts = dict(zip(phrases, tensors[f"counts_{number}"].tolist(), strict=True))
        passes.append(PhrasePass(scores, counts, forgotten))
    say(f"train_skipgram: {len(passes)} passes over the phrases are taken as they were learned")
    return passes
