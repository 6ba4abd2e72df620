"""From corpus to word_vectors artifact: vocabulary, training, and a report on what was learned."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from components.shared.checkpoint import CheckpointStore
from components.shared.corpus import CORPUS_FILE
from components.shared.progress import say
from components.shared.taxonomy import Taxonomy, read_taxonomy
from components.shared.text import normalise_term
from components.shared.word_vectors import (
    COUNTS_FILE,
    FACTS_FILE,
    VECTORS_FILE,
    write_counts,
    write_word2vec_binary,
)
from components.train_skipgram.config import SkipgramConfig
from components.train_skipgram.neighbours import nearest_terms
from components.train_skipgram.training import CHECKPOINT, build_model, train
from components.train_skipgram.vocabulary import choose_vocabulary, total_counts


def write_word_vectors(
    config: SkipgramConfig,
    corpora: Sequence[Path],
    taxonomy: Path,
    output: Path,
    checkpoints: CheckpointStore,
) -> dict[str, float]:
    """Train word vectors on the corpus and write the artifact.

    Args:
        config: the stage's parameters.
        corpora: folders of the corpus artifacts, in order.
        taxonomy: folder of the taxonomy artifact.
        output: the folder to write.
        checkpoints: where a killed training is resumed from.

    Returns:
        Vocabulary size, corpus size and label coverage.

    Raises:
        ValueError: the corpus is empty or has no term of the taxonomy.
    """
    labels = read_taxonomy(taxonomy)
    counts = total_counts(corpora)
    vocabulary = choose_vocabulary(
        counts, labels.normalised_terms(), config.minimum_count, config.vocabulary_size
    )
    say(f"train_skipgram: {len(vocabulary):,} terms of {counts.total():,} tokens")
    model = build_model(config, vocabulary)
    train(model, config, [corpus / CORPUS_FILE for corpus in corpora], checkpoints)
    facts = _facts(config, counts, labels, vocabulary) | _probes(
        config.probe_terms, list(vocabulary), model.wv.vectors
    )
    _write(output, vocabulary, model.wv.vectors, facts)
    checkpoints.delete(CHECKPOINT)
    return _metrics(facts)


def _facts(
    config: SkipgramConfig,
    counts: Mapping[str, int],
    labels: Taxonomy,
    vocabulary: Mapping[str, int],
) -> dict[str, Any]:
    tokens = sum(counts.values())
    return {
        "dim": config.dim,
        "window": config.window,
        "epochs": config.epochs,
        "corpus_tokens": tokens,
        "corpus_terms": len(counts),
        "vocabulary": len(vocabulary),
        "tokens_without_vector": tokens - sum(vocabulary.values()),
        "label_coverage": label_coverage(labels, vocabulary),
        "workers": config.workers,
        "repeatable": config.workers == 1,
    }


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
    probe_terms: Sequence[str], terms: Sequence[str], vectors: np.ndarray
) -> dict[str, Any]:
    """Neighbours of the probe terms that have a vector, and the names of those that have none."""
    neighbours, unknown = {}, []
    for probe in probe_terms:
        if normalise_term(probe) not in terms:
            unknown.append(probe)
            say(f"train_skipgram: probe term {probe!r} has no vector")
            continue
        neighbours[probe] = nearest_terms(normalise_term(probe), terms, vectors)
        near = ", ".join(f"{term} {cosine:.2f}" for term, cosine in neighbours[probe])
        say(f"train_skipgram: nearest to {probe!r}: {near}")
    return {"neighbours": neighbours, "unknown_probe_terms": unknown}


def _write(
    output: Path, vocabulary: Mapping[str, int], vectors: np.ndarray, facts: Mapping[str, Any]
) -> None:
    output.mkdir(parents=True, exist_ok=True)
    write_word2vec_binary(output / VECTORS_FILE, list(vocabulary), vectors)
    write_counts(output / COUNTS_FILE, vocabulary)
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (output / FACTS_FILE).write_text(text + "\n", encoding="utf-8")


def _metrics(facts: Mapping[str, Any]) -> dict[str, float]:
    coverage = {f"label_coverage_{name}": v for name, v in facts["label_coverage"].items()}
    return coverage | {
        "vocabulary": float(facts["vocabulary"]),
        "corpus_tokens": float(facts["corpus_tokens"]),
        "probe_terms_known": float(len(facts["neighbours"])),
    }
