"""Turns text files into the corpus artifact: normalised tokens, the taxonomy's terms joined.

A line of the corpus is an article, not a sentence, because a skip-gram window stops at the line's
end and a window of 20 must be one of 20. Terms are joined within a paragraph, across punctuation:
"Washington, D.C." is a term of WordNet without its comma.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from components.prepare_corpus.articles import Article, read_articles
from components.prepare_corpus.joining import Trie, join_terms, term_trie
from components.prepare_corpus.markup import plain_text
from components.prepare_corpus.mediawiki_dump import EMPTY, OTHER_NAMESPACES, REDIRECTS
from components.prepare_corpus.resuming import Corpus, Tally, keep, restore
from components.shared.artifacts.corpus import CORPUS_FILE, COUNTS_FILE, FACTS_FILE
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.artifacts.terms import JOINER, tokenise
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
    with corpus.path.open("a", encoding="utf-8", newline="\n") as text:
        for file in files[tally.files :]:
            place = f"file {tally.files + 1} of {len(files)}"
            for article in read_articles(file, tally.left_out, tally.pages):
                tokens += _write_article(config, article, trie, text, tally)
                if timer.is_due():
                    text.flush()
                    keep(corpus)
                    timer.restart()
                progress.update(tokens, f"{tally.articles:,} articles, {place}")
            tally.finish_file()
    if not tally.counts:
        raise ValueError(f"{store.shown(config.part)} has no text: check corpus_uris.")
    progress.update(tokens)
    progress.finish(f"{tally.articles:,} articles, {len(files):,} files")


def _write_article(
    config: CorpusSettings, article: Article, trie: Trie, corpus: IO[str], tally: Tally
) -> int:
    """Write one article's lines; returns how many tokens they have."""
    written = 0
    for unit in _units(article, trie, config.unit):
        tally.units_cut += len(unit) > config.maximum_tokens
        for start in range(0, len(unit), config.maximum_tokens):
            corpus.write(" ".join(unit[start : start + config.maximum_tokens]) + "\n")
            tally.lines += 1
        tally.counts.update(unit)
        written += len(unit)
    tally.articles += written > 0
    tally.left_out[EMPTY] += written == 0
    return written


def _units(article: Article, trie: Trie, unit: str) -> Iterator[list[str]]:
    paragraphs = (join_terms(tokenise(plain_text(line)), trie) for line in article)
    if unit == "paragraph":
        return (tokens for tokens in paragraphs if tokens)
    return iter([_chained(paragraphs)])


def _chained(paragraphs: Iterable[list[str]]) -> list[str]:
    return [token for paragraph in paragraphs for token in paragraph]


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
