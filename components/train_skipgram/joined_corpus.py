"""The text that the vectors are learned from: the corpus, with its common phrases joined."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from components.shared.artifacts.terms import JOINER
from components.shared.execution.progress import Progress
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.phrases import BETWEEN, PhrasePass, joined_lines, learn_phrases


@dataclass(frozen=True)
class JoinedCorpus:
    """A text that is ready for training.

    Attributes:
        files: Its files, in order.
        counts: Occurrences of every token in them.
        passes: The phrases that were joined.
    """

    files: Sequence[Path]
    counts: Mapping[str, int]
    passes: Sequence[PhrasePass] = ()


def join_phrases(
    config: SkipgramSettings,
    files: Sequence[Path],
    counts: Mapping[str, int],
    scratch: Path,
    checkpoints: CheckpointStore,
) -> JoinedCorpus:
    """Learn the phrases of the corpus and write it anew with them, or take it as it is.

    Args:
        config: The stage's parameters; without phrase passes nothing is read or written.
        files: Corpus files in order.
        counts: Occurrences of the terms in these files.
        scratch: A folder for the new text, as large as the old one.
        checkpoints: Where the phrases are kept, so that they are not learned twice.
    """
    if not config.phrase_passes:
        return JoinedCorpus(files, counts)
    passes = learn_phrases(config, files, counts, checkpoints)
    # Written once, since training reads it several times and needs the counts beforehand. Whoever
    # goes on after a kill writes the same text again: its place is kept nowhere.
    joined = scratch / "joined.txt"
    return JoinedCorpus([joined], _write_joined(files, passes, counts, joined), passes)


def _write_joined(
    files: Sequence[Path], passes: Sequence[PhrasePass], counts: Mapping[str, int], path: Path
) -> Counter[str]:
    total: Counter[str] = Counter()
    progress = Progress("train_skipgram: phrases joined", sum(counts.values()), "words")
    done = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for tokens in joined_lines(files, passes):
            file.write(" ".join(tokens) + "\n")
            total.update(tokens)
            done += len(tokens)
            progress.update(done)
    progress.finish()
    return total


def phrase_table(passes: Sequence[PhrasePass]) -> pd.DataFrame:
    """List the phrases, best score first.

    Returns:
        Columns phrase (as a token of the text), score, and count: its occurrences in the text that
        the pass has read. A later pass may have made it a part of a longer one.
    """
    rows = {
        phrase.replace(BETWEEN, JOINER): (score, learned.counts[phrase])
        for learned in passes
        for phrase, score in learned.scores.items()
    }
    ordered = sorted(rows.items(), key=lambda row: (-row[1][0], row[0]))
    frame = pd.DataFrame(
        [(phrase, *figures) for phrase, figures in ordered], columns=["phrase", "score", "count"]
    )
    return frame.astype({"phrase": "str", "score": "float64", "count": "int64"})
