"""A corpus that is written for hours, kept every ten minutes, and goes on where it was killed.

What was written since the last time is kept as a piece of text; then a state names the pieces with
their checksums and says where in the files the reading is. On resuming, the pieces are put together
and their terms counted again, and what a half-read file gave already is passed over: it is unpacked
and parsed once more, as a packed file cannot be entered in its middle, but not cleaned.
"""

import shutil
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.prepare_corpus.cleaning import Cleaned
from components.shared.execution.progress import say
from components.shared.storage.checkpoint import CheckpointStore
from components.shared.storage.fingerprint import file_checksum

CHECKPOINT = "corpus"


@dataclass
class Tally:
    """What went into the corpus so far, what did not, by reason, and how far the reading is.

    Attributes:
        articles: With text.
        left_out: Pages without, by reason.
        lines: Of the corpus.
        units_cut: Articles or paragraphs of more than one line.
        counts: Occurrences of each term.
        files: How many files are done.
        pages_before: How many pages they had.
    """

    articles: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    units_cut: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    files: int = 0
    pages_before: int = 0

    @property
    def pages(self) -> int:
        """How many pages of the file that is being read are done."""
        return self.articles + self.left_out.total() - self.pages_before

    def take(self, page: Cleaned) -> None:
        """Add a page; its terms are counted apart."""
        self.articles += page.tokens > 0
        self.lines += page.lines
        self.units_cut += page.units_cut
        if page.left_out:
            self.left_out[page.left_out] += 1

    def finish_file(self) -> None:
        """Go on to the next file."""
        self.files += 1
        self.pages_before += self.pages


@dataclass
class Corpus:
    """A corpus file, and what of it is safe.

    Attributes:
        path: The file.
        checkpoints: Where it is kept.
        tally: Of all that is in it.
        pieces: Checksums of the pieces of text that are kept, by name, in order.
        kept: Bytes of all pieces together.
    """

    path: Path
    checkpoints: CheckpointStore
    tally: Tally = field(default_factory=Tally)
    pieces: dict[str, str] = field(default_factory=dict)
    kept: int = 0


def keep(corpus: Corpus) -> None:
    """Keep what was written since the last time; the file must be flushed after an article."""
    # Of a name of its own: another run of the same task never replaces what a state counts on.
    name = f"text_{uuid.uuid4().hex}"
    with (
        corpus.checkpoints.writing_file(name) as aside,
        corpus.path.open("rb") as text,
        aside.open("wb") as piece,
    ):
        text.seek(corpus.kept)
        shutil.copyfileobj(text, piece)
        piece.flush()
        corpus.pieces[name] = file_checksum(aside)
    corpus.kept = corpus.path.stat().st_size
    state = {"pieces": corpus.pieces, "tally": _state(corpus.tally)}
    corpus.checkpoints.save(CHECKPOINT, {}, state)


def restore(path: Path, checkpoints: CheckpointStore) -> Corpus:
    """Write the text that a killed stage had kept; an empty file where there is none."""
    path.write_bytes(b"")
    found = checkpoints.load(CHECKPOINT)
    if found is None:
        return Corpus(path, checkpoints)
    _, state = found
    tally = Tally(**{**state["tally"], "left_out": Counter(state["tally"]["left_out"])})
    for name, kept in state["pieces"].items():
        if not _take_back(checkpoints, name, kept, path, tally.counts):
            say("prepare_corpus: text that was kept is gone or damaged; begins anew")
            path.write_bytes(b"")
            return Corpus(path, checkpoints)
    say(f"prepare_corpus: goes on after {tally.files:,} files and {tally.pages:,} pages")
    return Corpus(path, checkpoints, tally, state["pieces"], path.stat().st_size)


def _state(tally: Tally) -> Mapping[str, Any]:
    """All but the counts, which the text has."""
    return {name: value for name, value in vars(tally).items() if name != "counts"}


def _take_back(
    checkpoints: CheckpointStore, name: str, kept: str, corpus: Path, counts: Counter[str]
) -> bool:
    """Append a piece; False where it is not what was kept."""
    if not checkpoints.has_file(name):
        return False
    with checkpoints.reading_file(name) as piece:
        if file_checksum(piece) != kept:
            return False
        _append(piece, corpus, counts)
    return True


def _append(piece: Path, corpus: Path, counts: Counter[str]) -> None:
    with (
        piece.open(encoding="utf-8", newline="\n") as lines,
        corpus.open("a", encoding="utf-8", newline="\n") as text,
    ):
        for line in lines:
            text.write(line)
            counts.update(line.removesuffix("\n").split(" "))
