"""Turns text files into the corpus artifact: normalised tokens, the taxonomy's terms joined.

A line of the corpus is an article, not a sentence, because a skip-gram window stops at the line's
end and a window of 20 must be one of 20. Terms are joined within a paragraph, across punctuation:
"Washington, D.C." is a term of WordNet without its comma.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.prepare_corpus.articles import Unread, read_unread
from components.prepare_corpus.cleaning import Cleaner
from components.prepare_corpus.cleaning_pool import BATCH_CHARACTERS, Batch, clean_all
from components.prepare_corpus.joining import Trie, term_trie
from components.prepare_corpus.mediawiki_dump import EMPTY, OTHER_NAMESPACES, REDIRECTS, Page
from components.prepare_corpus.resuming import Corpus, Tally, keep, restore
from components.shared.artifacts.corpus import CORPUS_FILE, COUNTS_FILE, FACTS_FILE
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.artifacts.terms import JOINER
from components.shared.artifacts.word_vectors import write_counts
from components.shared.execution.progress import Progress, say
from components.shared.settings.corpus import CorpusSettings
from components.shared.storage import store
from components.shared.storage.atomic import write_json
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

NAMES_SHOWN = 5


def write_corpus(
    config: CorpusSettings,
    taxonomy: Path,
    output: Path,
    checkpoints: CheckpointStore = NOWHERE,
) -> dict[str, float]:
    """Read text files and write the corpus artifact.

    Args:
        config: Which files, and what a line is.
        taxonomy: Folder of the taxonomy artifact.
        output: The folder to write.
        checkpoints: Where a killed preparation goes on from; the caller clears them.

    Returns:
        Counts of files, articles, pages left out by reason, lines, tokens, distinct terms and
        joined terms.

    Raises:
        ValueError: A file is missing or broken, or there is no text in any.
    """
    files, passed_over = _files(config)
    trie = term_trie(read_taxonomy(taxonomy).normalised_terms())
    output.mkdir(parents=True, exist_ok=True)
    corpus = restore(output / CORPUS_FILE, checkpoints)
    _write_files(config, files, trie, corpus)
    tally = corpus.tally
    facts = {**_facts(config, files, tally), **passed_over}
    write_counts(output / COUNTS_FILE, tally.counts)
    write_json(output / FACTS_FILE, facts)
    return {name: float(value) for name, value in facts.items() if isinstance(value, int)}


def _files(config: CorpusSettings) -> tuple[list[str], Mapping[str, int]]:
    """Return the files to read, and how many are passed over, where there are any."""
    listed = store.listed(config.part)
    files, others = [state.uri for state in listed.files], listed.passed_over
    if others:
        shown = ", ".join(others[:NAMES_SHOWN])
        more = " ..." if len(others) > NAMES_SHOWN else ""
        say(f"prepare_corpus: passed over {len(others)} that are no text: {shown}{more}")
    return files, {"passed_over": len(others)} if others else {}


def _write_files(config: CorpusSettings, files: list[str], trie: Trie, corpus: Corpus) -> None:
    # One file can be the whole of Wikipedia: files are no measure of how far the work is.
    progress = Progress("prepare_corpus", 0, "tokens")
    tally, timer, tokens = corpus.tally, corpus.checkpoints.timer(), 0
    cleaner = Cleaner(trie, config.unit, config.maximum_tokens)
    with corpus.path.open("a", encoding="utf-8", newline="\n") as text:
        for batch in clean_all(cleaner, _batches(files, tally.files, tally.pages), tally.counts):
            place = f"file {tally.files + 1} of {len(files)}"
            for page in batch.pages:
                text.write(page.text)
                tally.take(page)
                tokens += page.tokens
                if timer.is_due():
                    text.flush()
                    keep(corpus)
                    timer.restart()
                progress.update(tokens, f"{tally.articles:,} articles, {place}")
            if batch.ends_file:
                tally.finish_file()
    if not tally.counts:
        raise ValueError(f"{store.shown(config.part)} has no text: check corpus_uris.")
    progress.update(tokens)
    progress.finish(f"{tally.articles:,} articles, {len(files):,} files")


def _batches(files: list[str], done: int, pages: int) -> Iterator[Batch]:
    """Pages of the files that are not done; of the first of these, so many are passed over."""
    for file in files[done:]:
        batch: list[Unread] = []
        size = 0
        for page in read_unread(file, pages):
            batch.append(page)
            size += len(page.text) if isinstance(page, Page) else sum(map(len, page))
            if size > BATCH_CHARACTERS:
                yield Batch(batch, ends_file=False)
                batch, size = [], 0
        yield Batch(batch, ends_file=True)
        pages = 0


def _facts(config: CorpusSettings, files: list[str], tally: Tally) -> Mapping[str, Any]:
    joined = {term: count for term, count in tally.counts.items() if JOINER in term}
    return {
        "uri": store.shown(config.part),
        "unit": config.unit,
        "files": len(files),
        "articles": tally.articles,
        **{reason: tally.left_out[reason] for reason in (EMPTY, REDIRECTS, OTHER_NAMESPACES)},
        "lines": tally.lines,
        "units_cut": tally.units_cut,
        "tokens": tally.counts.total(),
        "distinct_terms": len(tally.counts),
        "joined_terms": len(joined),
        "joined_occurrences": sum(joined.values()),
    }
