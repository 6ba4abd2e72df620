"""Cuts the corpus into shares for threads that read it themselves, each line in one share.

gensim's threads that read a file take lines until these have more than 10,000 words, train on them
and look whether that was enough. So a share ends where they look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WORDS_READ = 10_000
"""A thread reads lines until they have more words than these (MAX_SENTENCE_LEN of gensim)."""


@dataclass(frozen=True)
class Share:
    """A run of lines of one file.

    Attributes:
        file: Number of the file.
        offset: Byte at which it begins.
        tokens: How many tokens it has.
    """

    file: int
    offset: int
    tokens: int


def plan_shares(files: Sequence[Path], share_tokens: int) -> list[Share]:
    """Cut the corpus into shares of at least `share_tokens`; the last of a file may have fewer.

    Args:
        files: The parts of the corpus, in order; tokens separated by one space.
        share_tokens: Tokens of a share.
    """
    shares = []
    for number, path in enumerate(files):
        start, tokens = 0, 0
        for end, read in _readings(path):
            tokens += read
            if tokens >= share_tokens:
                shares.append(Share(number, start, tokens))
                start, tokens = end, 0
        if tokens:
            shares.append(Share(number, start, tokens))
    return shares


def _readings(path: Path) -> Iterator[tuple[int, int]]:
    """Byte after the lines that a thread reads at once, and how many tokens they have."""
    end, tokens = 0, 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            tokens += line.count(b" ") + 1
            if tokens > WORDS_READ:
                yield end, tokens
                tokens = 0
    if tokens:
        yield end, tokens
