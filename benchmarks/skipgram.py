"""Skip-gram as the stage trains it, next to gensim by itself on the same text.

    python benchmarks/skipgram.py [words]

Words that are drawn as Zipf has them, in articles of a few hundred; 300 dimensions, window 20, as
many threads as there are CPUs and one. gensim reads the file itself (`corpus_file`) where there are
several, and its own iterator of lines where there is one; vocabularies are built beforehand.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec
from rows import Row, in_turn

from components.shared.machine import available_cpus
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.training import build_model, train

WORDS, VOCABULARY, ARTICLE, ROUNDS = 1_000_000, 30_000, 400, 3
QUICK_WORDS = 20_000


def write_text(path: Path, words: int, vocabulary: int = VOCABULARY) -> Counter[str]:
    """Write so many words, of at most so many different ones, and count them."""
    draw = np.random.default_rng(0)
    chances = 1 / np.arange(1, vocabulary + 1)
    numbers = draw.choice(vocabulary, words, p=chances / chances.sum())
    with path.open("w") as text:
        for article in np.array_split(numbers, max(1, words // ARTICLE)):
            text.write(" ".join(f"w{number}" for number in article) + "\n")
    return Counter(f"w{number}" for number in numbers)


def row(path: Path, counts: Counter[str], workers: int, rounds: int) -> Row:
    """Words a second with so many threads."""
    config = SkipgramSettings(dim=300, window=20, workers=workers)
    words = counts.total()

    def ours() -> None:
        with tempfile.TemporaryDirectory() as state:
            train(build_model(config, counts), config, [path], CheckpointStore(state))

    def plain() -> None:
        model: Word2Vec = build_model(config, counts)
        given = {"corpus_file" if workers > 1 else "corpus_iterable": str(path)}
        if workers == 1:
            from gensim.models.word2vec import LineSentence

            given = {"corpus_iterable": LineSentence(str(path))}
        model.train(**given, total_words=words, epochs=1)

    seconds = in_turn({"ours": ours, "plain": plain}, rounds)
    name = f"skip-gram, 300 dimensions, {workers} thread{'s' * (workers > 1)}; gensim alone"
    return Row(name, words / seconds["ours"], words / seconds["plain"], None, "words/s")


def rows(is_quick: bool = False, words: int = WORDS) -> list[Row]:
    """One thread and all of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        counts = write_text(path, QUICK_WORDS if is_quick else words)
        threads = dict.fromkeys((1, max(2, available_cpus())))
        return [row(path, counts, workers, 1 if is_quick else ROUNDS) for workers in threads]


if __name__ == "__main__":
    for found in rows(words=int(sys.argv[1]) if len(sys.argv) > 1 else WORDS):
        print(f"{found.name}: {found.ours:,.0f} words/s, {found.times(found.plain):.3f} times")
