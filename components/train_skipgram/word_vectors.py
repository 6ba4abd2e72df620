"""From corpus to word_vectors artifact: vocabulary, training, and a report on what was learned."""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.shared.artifacts.corpus import CORPUS_FILE
from components.shared.artifacts.taxonomy import IS_A_FILE, Taxonomy, read_taxonomy
from components.shared.artifacts.terms import JOINER, normalise_term
from components.shared.artifacts.word_vectors import (
    COUNTS_FILE,
    FACTS_FILE,
    PHRASES_FILE,
    VECTORS_FILE,
    VOCABULARY_FILE,
    vectors_folder,
    write_counts,
    write_word2vec_binary,
)
from components.shared.execution.progress import say
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.atomic import write_json
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram import training
from components.train_skipgram.joined_corpus import join_phrases, phrase_table
from components.train_skipgram.neighbours import nearest_terms
from components.train_skipgram.phrases import PhrasePass
from components.train_skipgram.pretrained import take_pretrained
from components.train_skipgram.quality import measure_quality, quality_metrics
from components.train_skipgram.states import save
from components.train_skipgram.vocabulary import choose_vocabulary, total_counts


@dataclass(frozen=True)
class Learned:
    """Vectors, trained here or made elsewhere, and what is known about them.

    Attributes:
        vocabulary: Counts of the terms, in the order of the rows.
        vectors: float32 [terms, dim].
        known: All terms of the text, those without a vector too.
        facts: How they were made.
        passes: The phrases that were learned.
    """

    vocabulary: Mapping[str, int]
    vectors: np.ndarray
    known: Collection[str]
    facts: Mapping[str, Any]
    passes: Sequence[PhrasePass] = ()


def write_word_vectors(
    config: SkipgramSettings,
    corpora: Sequence[Path],
    taxonomy: Path,
    output: Path,
    checkpoints: CheckpointStore,
) -> dict[str, float]:
    """Train word vectors on the corpus, or take those made elsewhere, and write the artifact.

    Vectors of the further dimensions are trained after the run's own, on the same text with the
    same phrases, and are those that a run with such a `skipgram_dim` would have.

    Args:
        config: The stage's parameters.
        corpora: Folders of the corpus artifacts, in order; not read where vectors are given.
        taxonomy: Folder of the taxonomy artifact.
        output: The folder to write. The joined text, and vectors that are downloaded, lie in a
            temporary folder meanwhile.
        checkpoints: Where a killed training is resumed from; the caller clears them.

    Returns:
        Vocabulary size, corpus size, label coverage and semantic quality; the latter of further
        dimensions too, `dim_<dim>_` before its names.

    Raises:
        ValueError: The corpus is empty or has no term of the taxonomy, or the vectors made
            elsewhere cannot be used.
    """
    labels = read_taxonomy(taxonomy)
    terms = labels.normalised_terms()
    output.mkdir(parents=True, exist_ok=True)
    metrics: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="skipgram-") as folder:
        if config.pretrained_uri:
            every = iter([_take(config, terms, Path(folder))])
        else:
            every = _train(config, corpora, terms, Path(folder), checkpoints)
        for learned in every:
            facts = _facts(learned, labels, terms) | _judged(config, learned, labels, taxonomy)
            further = facts["dim"] if metrics else 0
            _write(vectors_folder(output, further), learned, terms, facts)
            metrics |= _further_metrics(facts) if further else _metrics(facts)
    return metrics


def _train(
    config: SkipgramSettings,
    corpora: Sequence[Path],
    labels: Collection[str],
    scratch: Path,
    checkpoints: CheckpointStore,
) -> Iterator[Learned]:
    """Train the run's vectors, then those of each further dimension."""
    files = [corpus / CORPUS_FILE for corpus in corpora]
    text = join_phrases(config, files, total_counts(corpora), scratch, checkpoints)
    vocabulary = choose_vocabulary(
        text.counts, labels, config.minimum_count, config.vocabulary_size
    )
    tokens = sum(text.counts.values())
    say(f"train_skipgram: {len(vocabulary):,} terms of {tokens:,} tokens")
    facts = {
        "window": config.window,
        "epochs": config.epochs,
        "corpus_tokens": tokens,
        "corpus_terms": len(text.counts),
        "tokens_without_vector": tokens - sum(vocabulary.values()),
        "phrase_occurrences_forgotten": sum(learned.forgotten for learned in text.passes),
        "workers": config.workers,
        "repeatable": config.workers == 1,
    }
    for dim in (config.dim, *config.further_dims):
        if config.further_dims:
            say(f"train_skipgram: {dim} dimensions")
        model = training.build_model(config, vocabulary, dim)
        finished = training.train(model, config, text.files, checkpoints)
        if dim != (config.dim, *config.further_dims)[-1]:
            # A kill while the next ones are trained leaves these as they are.
            save(model, finished, checkpoints)
        yield Learned(vocabulary, model.wv.vectors, text.counts.keys(), facts, text.passes)


def _take(config: SkipgramSettings, labels: Collection[str], scratch: Path) -> Learned:
    found = take_pretrained(config, labels, scratch)
    say(
        f"train_skipgram: {len(found.vocabulary):,} terms of the {found.entries:,} entries of "
        f"{config.pretrained_uri} ({found.format}); left out: {found.without_term:,} that are no "
        f"terms, {found.nameless:,} without a name, {found.zeros:,} that are all zeros"
    )
    source = {
        "uri": config.pretrained_uri,
        "format": found.format,
        "entries": found.entries,
        "entries_merged": found.merged,
        "entries_without_term": found.without_term,
        "entries_without_name": found.nameless,
        "entries_of_zeros": found.zeros,
        "counts": "of the file" if found.counted else "estimated from the order of the entries",
    }
    facts = {"corpus_tokens": 0, "repeatable": True, "pretrained": source}
    return Learned(found.vocabulary, found.vectors, found.known, facts)


def _facts(learned: Learned, labels: Taxonomy, terms: Collection[str]) -> dict[str, Any]:
    return {
        "dim": learned.vectors.shape[1],
        "vocabulary": len(learned.vocabulary),
        "phrases": sum(len(found.scores) for found in learned.passes),
        "label_coverage": label_coverage(labels, learned.vocabulary),
        **learned.facts,
        "labels_not_in_corpus": sorted(set(terms).difference(learned.known)),
    }


def _judged(
    config: SkipgramSettings, learned: Learned, labels: Taxonomy, taxonomy: Path
) -> dict[str, Any]:
    """Semantic quality, and the neighbours of the probe terms."""
    is_a: list[tuple[str, str]] = []
    if (taxonomy / IS_A_FILE).is_file():
        pairs = pd.read_parquet(taxonomy / IS_A_FILE)
        is_a = list(zip(pairs.parent, pairs.child, strict=True))
    counts, vectors = learned.vocabulary, learned.vectors
    quality = measure_quality(counts, vectors, labels, is_a, config.minimum_count, config.seed)
    return {"quality": quality, **_probes(config.probe_terms, counts, vectors)}


def vocabulary_table(vocabulary: Mapping[str, int], labels: Collection[str]) -> pd.DataFrame:
    """List the terms with a vector, in the order of the rows.

    Args:
        vocabulary: Counts of the terms.
        labels: Normalised terms of the taxonomy.

    Returns:
        Columns term, count, and kind: label_term, phrase or word.
    """
    kinds = [
        "label_term" if term in labels else "phrase" if JOINER in term else "word"
        for term in vocabulary
    ]
    columns = {"term": list(vocabulary), "count": list(vocabulary.values()), "kind": kinds}
    return pd.DataFrame(columns).astype({"count": "int64"})


def label_coverage(labels: Taxonomy, vocabulary: Mapping[str, int]) -> dict[str, float]:
    """Shares of the taxonomy that have a vector.

    Returns:
        `terms`: of the distinct terms; `first_terms`: of the synsets, by their first term;
        `synsets`: of the synsets, by any term.
    """
    terms = labels.normalised_terms()
    known = [
        [normalise_term(term) in vocabulary for term in names] for names in labels.terms.values()
    ]
    return {
        "terms": len(terms & vocabulary.keys()) / len(terms),
        "first_terms": sum(synset[0] for synset in known) / len(known),
        "synsets": sum(any(synset) for synset in known) / len(known),
    }


def _probes(
    probe_terms: Sequence[str], counts: Mapping[str, int], vectors: np.ndarray
) -> dict[str, Any]:
    """Neighbours of the probe terms that have a vector, and the names of those that have none."""
    neighbours, unknown, terms = {}, [], list(counts)
    for probe in probe_terms:
        term = normalise_term(probe)
        if term not in counts:
            unknown.append(probe)
            say(f"train_skipgram: probe term {probe!r} has no vector")
            continue
        neighbours[probe] = nearest_terms(term, terms, vectors)
        near = ", ".join(f"{name} {cosine:.2f}" for name, cosine in neighbours[probe])
        say(f"train_skipgram: nearest to {probe!r} ({counts[term]:,} times in the text): {near}")
    return {"neighbours": neighbours, "unknown_probe_terms": unknown}


def _write(
    output: Path, learned: Learned, labels: Collection[str], facts: Mapping[str, Any]
) -> None:
    vocabulary = learned.vocabulary
    output.mkdir(parents=True, exist_ok=True)
    write_word2vec_binary(output / VECTORS_FILE, list(vocabulary), learned.vectors)
    write_counts(output / COUNTS_FILE, vocabulary)
    phrase_table(learned.passes).to_parquet(output / PHRASES_FILE, index=False)
    vocabulary_table(vocabulary, labels).to_parquet(output / VOCABULARY_FILE, index=False)
    write_json(output / FACTS_FILE, facts)


def _further_metrics(facts: Mapping[str, Any]) -> dict[str, float]:
    quality = quality_metrics(facts["quality"])
    return {f"dim_{facts['dim']}_{name}": value for name, value in quality.items()}


def _metrics(facts: Mapping[str, Any]) -> dict[str, float]:
    coverage = {f"label_coverage_{name}": v for name, v in facts["label_coverage"].items()}
    return (
        coverage
        | quality_metrics(facts["quality"])
        | {
            "vocabulary": float(facts["vocabulary"]),
            "corpus_tokens": float(facts["corpus_tokens"]),
            "phrases": float(facts["phrases"]),
            "labels_not_in_corpus": float(len(facts["labels_not_in_corpus"])),
            "probe_terms_known": float(len(facts["neighbours"])),
        }
    )
