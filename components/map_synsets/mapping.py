"""map_synsets: a vector for every label, learned or random, in one format.

The random label space is the paper's random-embedding baseline: same labels, terms and missing
labels, but each row's vector is drawn once. A random vector for every synonym of a label is more
than can be learned: `random_per_synset` has one row a synset. `random_words` draws the words'
vectors, before anything is made of them: what then is better than chance reads the hierarchy.

Where a file has the labels' vectors, it stands in the place of the words: one row a synset, and
whatever else is asked for is made of these.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from components.map_synsets.glosses import (
    gloss_vectors,
    less_common,
    read_glosses,
    with_glosses,
)
from components.map_synsets.label_vectors import (
    LabelVectors,
    label_vector_rows,
    read_label_vectors,
    words_of_synsets,
)
from components.map_synsets.retrofitting import RowsOf, retrofitted_rows
from components.map_synsets.shared_terms import say_pairs
from components.map_synsets.zero_shot_sets import candidate_table, read_zero_shot_sets
from components.shared.artifacts.label_space import (
    NO_ROW,
    LabelSpace,
    Words,
    unit_norm,
    write_label_space,
    write_words,
)
from components.shared.artifacts.shared_terms import pairs_sharing_terms
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.artifacts.word_vectors import (
    FACTS_FILE,
    vectors_folder,
)
from components.shared.execution.progress import say
from components.shared.settings.labels import LabelsSettings
from components.shared.synset_vectors import (
    FILE,
    MEAN_OF_TERMS,
    NONE,
    SOURCES,
    Target,
    TermRow,
    Vocabulary,
    mean_of_terms_rows,
    normalised,
    read_vocabulary,
    term_rows,
)

RANDOM, RANDOM_PER_SYNSET, RANDOM_WORDS = "random", "random_per_synset", "random_words"
TERMS_SHOWN = 5
NOTHING_TOLD: Mapping[str, np.ndarray] = MappingProxyType({})
_RANDOM_STREAM = 1
_WORDS_STREAM = 2


def write_labels(
    config: LabelsSettings,
    taxonomy: Path,
    word_vectors: Path,
    image_index: Path,
    label_space: Path,
) -> dict[str, float]:
    """Give every label a vector and write the label space.

    Args:
        config: The stage's parameters.
        taxonomy: Folder of the taxonomy.
        word_vectors: Folder of the word vectors.
        image_index: Folder of the image index; only its classes are read.
        label_space: Folder to write the label space to.

    Returns:
        The number of labels, of those without a vector, and by target source.

    Raises:
        ValueError: A class is not in the taxonomy, or a zero-shot set is wrong.
    """
    synsets = read_taxonomy(taxonomy)
    seen, unseen = _classes(image_index, synsets)
    sets = read_zero_shot_sets(config.zero_shot_sets, seen, unseen, synsets.terms, synsets.edges)
    folder = vectors_folder(word_vectors, config.dim)
    words, told = _words(config, synsets, folder)
    space = build_label_space(config, synsets, seen, unseen, sets, words, told)
    space = replace(space, facts={**space.facts, "quality": _quality(config, folder)})
    if config.vectors in (RANDOM, RANDOM_PER_SYNSET):
        space = random_twin(space, config.seed)
        known = _label_words(space)
    else:
        known = _all_words(words, synsets, space.facts["centre"])
    write_label_space(label_space, space)
    write_words(label_space, known)
    return _report(space)


def _words(
    config: LabelsSettings, taxonomy: Taxonomy, folder: Path
) -> tuple[Vocabulary | LabelVectors, Mapping[str, np.ndarray]]:
    """What has vectors, and the vectors of glosses by wnid, where they are read."""
    if config.vectors_uri:
        return _given(config, taxonomy), {}
    words = _learned(config, folder)
    # A gloss's words would tell what words drawn at random are there not to tell.
    one_each = config.target == MEAN_OF_TERMS and config.vectors != RANDOM_WORDS
    if not (config.glosses_uri and config.glosses_weight and one_each):
        return words, {}
    words = less_common(words)
    return words, gloss_vectors(read_glosses(config.glosses_uri, taxonomy.terms), words)


def _learned(config: LabelsSettings, folder: Path) -> Vocabulary:
    words = read_vocabulary(folder, config.minimum_count)
    if config.vectors != RANDOM_WORDS:
        return words
    drawn = random_words(words.terms, words.vectors.shape[1], config.seed)
    return replace(words, vectors=unit_norm(drawn))


def _given(config: LabelsSettings, taxonomy: Taxonomy) -> LabelVectors:
    given = read_label_vectors(config.vectors_uri, taxonomy.terms)
    if config.vectors != RANDOM_WORDS:
        return given
    drawn = random_words(list(given.row_of), given.vectors.shape[1], config.seed)
    return replace(given, vectors=unit_norm(drawn))


def _quality(config: LabelsSettings, folder: Path) -> dict[str, object]:
    """What was measured of the word vectors; nothing where the labels' are others."""
    if config.vectors_uri:
        return {}
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    return dict(facts.get("quality", {}))


def build_label_space(
    config: LabelsSettings,
    taxonomy: Taxonomy,
    seen: Sequence[str],
    unseen: Sequence[str],
    sets: Mapping[str, Sequence[str]],
    words: Vocabulary | LabelVectors,
    told: Mapping[str, np.ndarray] = NOTHING_TOLD,
) -> LabelSpace:
    """Map every label to its terms and target; the order of the inputs does not matter.

    Args:
        config: The stage's parameters.
        taxonomy: Synsets with their terms.
        seen: wnids of the training classes.
        unseen: wnids of the classes held out of training.
        sets: wnids of each zero-shot set.
        words: The terms that have vectors; or the synsets that have.
        told: The vectors of glosses, float32 [dim], by wnid.
    """
    wnids = sorted({*seen, *unseen, *(wnid for members in sets.values() for wnid in members)})
    labels = {wnid: normalised(taxonomy.terms[wnid]) for wnid in wnids}
    rows_of = partial(_a_row_a_synset, words=words, told=told, weight=config.glosses_weight)
    rows, chosen = _rows(config, labels, taxonomy, words, rows_of)
    terms = _terms_table(rows)
    table = _labels_table(labels, chosen, set(seen), terms)
    vectors = np.stack([rows[term].vector for term in terms["term"]]) if rows else _no_rows(words)
    centre = _centre(table, vectors) if config.centred else None
    if centre is not None:
        vectors = unit_norm(vectors - centre)
    facts = _facts(config, table, words.vectors.shape[1], centre) | {"glosses": len(told)}
    return LabelSpace(table, candidate_table(seen, sets), terms, vectors, facts)


def _rows(
    config: LabelsSettings,
    labels: Mapping[str, list[str]],
    taxonomy: Taxonomy,
    words: Vocabulary | LabelVectors,
    rows_of: RowsOf,
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    if config.retrofitting:
        dim = words.vectors.shape[1]
        return retrofitted_rows(labels, rows_of, dim, taxonomy, config.retrofitting)
    is_one = config.target == MEAN_OF_TERMS or config.vectors == RANDOM_PER_SYNSET
    if is_one or isinstance(words, LabelVectors):
        return rows_of(labels)
    return term_rows(labels, words)


def _a_row_a_synset(
    labels: Mapping[str, Sequence[str]],
    words: Vocabulary | LabelVectors,
    told: Mapping[str, np.ndarray],
    weight: float,
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    if isinstance(words, LabelVectors):
        return label_vector_rows(labels, words)
    return with_glosses(mean_of_terms_rows(labels, words), labels, told, weight)


def random_twin(space: LabelSpace, seed: int) -> LabelSpace:
    """Replace every row's vector by one drawn from the unit sphere."""
    draws = np.random.default_rng([seed, _RANDOM_STREAM]).standard_normal(space.vectors.shape)
    facts = {**space.facts, "kind": RANDOM, "centred": False, "centre": None, "seed": seed}
    return replace(space, vectors=unit_norm(draws), facts=facts)


def random_words(terms: Sequence[str], dim: int, seed: int) -> np.ndarray:
    """Draw a vector for each word, whatever their order: float32 [words, dim]."""
    generator = np.random.default_rng([seed, _WORDS_STREAM])
    vectors = np.empty((len(terms), dim), dtype=np.float32)
    vectors[np.argsort(np.array(terms))] = generator.standard_normal(vectors.shape, np.float32)
    return vectors


def _classes(image_index: Path, taxonomy: Taxonomy) -> tuple[list[str], list[str]]:
    classes = pd.read_parquet(image_index / "classes.parquet")
    for wnid in classes["wnid"]:
        if wnid not in taxonomy.terms:
            raise ValueError(
                f"The images have the class {wnid}, which is not in the taxonomy; "
                "leave it out of images_classes or give its terms."
            )
    is_seen = classes["seen"].astype(bool)
    return sorted(classes["wnid"][is_seen]), sorted(classes["wnid"][~is_seen])


def _terms_table(rows: Mapping[str, TermRow]) -> pd.DataFrame:
    terms = sorted(rows)
    return pd.DataFrame(
        {
            "row": np.arange(len(terms), dtype=np.int64),
            "term": pd.Series(terms, dtype=object),
            "count": np.array([rows[term].count for term in terms], dtype=np.int64),
            "source": pd.Series([rows[term].source for term in terms], dtype=object),
            "wnids": pd.Series([rows[term].synsets() for term in terms], dtype=object),
        }
    )


def _labels_table(
    labels: Mapping[str, list[str]],
    chosen: Mapping[str, Target],
    seen: set[str],
    terms: pd.DataFrame,
) -> pd.DataFrame:
    row_of = dict(zip(terms["term"], terms["row"], strict=True))
    return pd.DataFrame(
        {
            "wnid": list(labels),
            "role": ["seen" if wnid in seen else "unseen" for wnid in labels],
            "terms": list(labels.values()),
            "target_term": [chosen[wnid].term for wnid in labels],
            "target_source": [chosen[wnid].source for wnid in labels],
            "target_row": np.array(
                [row_of.get(chosen[wnid].term, NO_ROW) for wnid in labels], dtype=np.int64
            ),
        }
    )


def _no_rows(words: Vocabulary | LabelVectors) -> np.ndarray:
    return np.empty((0, words.vectors.shape[1]), dtype=np.float32)


def _centre(labels: pd.DataFrame, vectors: np.ndarray) -> np.ndarray | None:
    """Average the targets of the seen labels only; unseen labels take part in no choice."""
    rows = labels["target_row"][(labels["role"] == "seen") & (labels["target_row"] != NO_ROW)]
    return vectors[rows.to_numpy()].mean(axis=0) if len(rows) else None


def _facts(
    config: LabelsSettings, labels: pd.DataFrame, dim: int, centre: np.ndarray | None
) -> dict[str, object]:
    found = Counter(labels["target_source"])
    return {
        "kind": RANDOM if config.vectors == RANDOM_WORDS else _kind(config),
        "vectors": config.vectors,
        "vectors_trained_on": config.vectors_trained_on,
        "dim": dim,
        "minimum_count": config.minimum_count,
        "target": config.target,
        "retrofitting": config.retrofitting,
        "centred": centre is not None,
        "centre": None if centre is None else centre.tolist(),
        "seed": config.seed,
        "labels": len(labels),
        "target_sources": {source: found[source] for source in SOURCES},
        "labels_by_source": {
            source: list(labels["wnid"][labels["target_source"] == source]) for source in SOURCES
        },
        "without_vector": list(labels["wnid"][labels["target_source"] == NONE]),
        "shared_terms": _shared_terms(labels),
        "pairs_sharing_terms": pairs_sharing_terms(labels),
    }


def _kind(config: LabelsSettings) -> str:
    return FILE if config.vectors_uri else "skipgram"


def _shared_terms(labels: pd.DataFrame) -> dict[str, list[str]]:
    """The wnids of each target term that several labels have: no vector tells these apart."""
    with_vector = labels[labels["target_row"] != NO_ROW]
    wnids = with_vector.groupby("target_term")["wnid"].agg(list)
    return {str(term): members for term, members in wnids.items() if len(members) > 1}


def _all_words(
    words: Vocabulary | LabelVectors, taxonomy: Taxonomy, centre: Sequence[float] | None
) -> Words:
    if isinstance(words, LabelVectors):
        terms, vectors = words_of_synsets(taxonomy.terms, words)
        table = _words_table(terms, [0] * len(terms))
    else:
        table = _words_table(words.terms, [words.counts[term] for term in words.terms])
        vectors = words.vectors
    if centre is not None:
        vectors = unit_norm(vectors - np.array(centre, dtype=np.float32))
    return Words(table, vectors.astype("f2"))


def _label_words(space: LabelSpace) -> Words:
    table = _words_table(list(space.terms["term"]), list(space.terms["count"]))
    return Words(table, space.vectors.astype("f2"))


def _words_table(terms: Sequence[str], counts: Sequence[int]) -> pd.DataFrame:
    rows = np.arange(len(terms), dtype=np.int64)
    return pd.DataFrame({"row": rows, "term": terms, "count": np.array(counts, dtype=np.int64)})


def _report(space: LabelSpace) -> dict[str, float]:
    sources = space.facts["target_sources"]
    parts = ", ".join(f"{count} {source}" for source, count in sources.items() if count)
    say(f"map_synsets: {len(space.labels)} labels: {parts}; {len(space.terms)} term vectors")
    if space.facts["without_vector"]:
        say(f"map_synsets: no vector for {', '.join(space.facts['without_vector'])}")
    shared = space.facts["shared_terms"]
    if shared:
        shown = "; ".join(
            f"{term}: {', '.join(shared[term])}" for term in islice(shared, TERMS_SHOWN)
        )
        say(
            f"map_synsets: {len(shared)} terms are of several labels, which no vector tells apart"
            f": {shown}{' ...' if len(shared) > TERMS_SHOWN else ''}"
        )
    say_pairs(space.facts["pairs_sharing_terms"], space.labels)
    counts = {f"labels_{source}": float(count) for source, count in sources.items()}
    return {"labels": float(len(space.labels)), "terms": float(len(space.terms)), **counts}
