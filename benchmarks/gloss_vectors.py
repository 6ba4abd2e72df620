r"""Label vectors of other makes, for `labels_vectors_uri` and for tuning's `--label-vectors`.

    python benchmarks/gloss_vectors.py --taxonomy DIR --word-vectors DIR [DIR ...] \\
        [--glosses data.noun] [--weight 1] --output FILE.npz

A synset's vector is the mean of its terms' (`labels_target=mean_of_terms`), less the mean over all
synsets. With WordNet's noun database the vector of its gloss is added: of the gloss's words the
mean, of which a frequent one counts little, a / (a + p(w)) with a = 0.001 (Arora et al., ICLR 2017,
equation 3). Several trainings stand side by side, so that a cosine is the mean of theirs.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from components.prepare_corpus.joining import Trie, join_terms, term_trie
from components.shared.artifacts.label_space import unit_norm
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.artifacts.terms import tokenise
from components.shared.artifacts.word_vectors import (
    COUNTS_FILE,
    VECTORS_FILE,
    read_counts,
    read_word2vec_binary,
)
from components.shared.settings.labels import LabelsSettings
from components.shared.synset_vectors import (
    Vocabulary,
    mean_of_terms_rows,
    normalised,
    target_vectors,
    vocabulary,
)

FREQUENT = 1e-3
Vectors = dict[str, np.ndarray]
"""Of each synset that has one, by wnid: float32 [dim], unit norm."""


def main() -> None:
    """Make them, and say of how many synsets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--taxonomy", type=Path, required=True, metavar="DIR")
    parser.add_argument("--word-vectors", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--glosses", type=Path, metavar="FILE", help="WordNet 3.0's data.noun")
    parser.add_argument("--weight", type=float, default=1.0, help="of a gloss; its synset has 1")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    taxonomy = read_taxonomy(options.taxonomy)
    glosses = read_glosses(options.glosses) if options.glosses else {}
    made = [
        label_vectors(taxonomy, read_words(folder), glosses, options.weight)
        for folder in options.word_vectors
    ]
    found = side_by_side(made)
    np.savez(options.output, wnids=np.array(list(found)), vectors=np.stack(list(found.values())))
    print(f"{options.output}: vectors of {len(found):,} of {len(taxonomy.terms):,} synsets")


def read_words(folder: Path) -> Vocabulary:
    """Read the artifact of train_skipgram, as map_synsets does."""
    terms, vectors = read_word2vec_binary(folder / VECTORS_FILE)
    counts = read_counts(folder / COUNTS_FILE)
    return vocabulary(terms, vectors, counts, LabelsSettings().minimum_count)


def read_glosses(file: Path) -> dict[str, str]:
    """Read the definition of each synset, without its examples, by wnid."""
    lines = (line for line in file.read_text("ascii").splitlines() if not line.startswith("  "))
    parts = ((line[:8], line.partition(" | ")[2]) for line in lines)
    return {f"n{offset}": gloss.partition('"')[0].strip(" ;") for offset, gloss in parts}


def label_vectors(
    taxonomy: Taxonomy, words: Vocabulary, glosses: Mapping[str, str], weight: float
) -> Vectors:
    """Give every synset with a vector of its terms or of its gloss one of both."""
    labels = {wnid: normalised(terms) for wnid, terms in taxonomy.terms.items()}
    own = _centred(target_vectors(*mean_of_terms_rows(labels, words)))
    told = _centred(gloss_vectors(glosses, words, term_trie(taxonomy.normalised_terms())))
    nothing = np.zeros(words.vectors.shape[1], dtype=np.float32)
    sums = {w: own.get(w, nothing) + weight * told.get(w, nothing) for w in labels}
    return {wnid: unit_norm(vector) for wnid, vector in sums.items() if vector.any()}


def gloss_vectors(glosses: Mapping[str, str], words: Vocabulary, trie: Trie) -> Vectors:
    """Make the vector of each gloss that has a word with one."""
    total = sum(words.counts.values())
    found: Vectors = {}
    for wnid, gloss in glosses.items():
        known = [t for t in join_terms(tokenise(gloss), trie) if t in words.row_of]
        if known:
            shares = np.array([words.counts[term] / total for term in known])
            weights = FREQUENT / (FREQUENT + shares)
            rows = words.vectors[[words.row_of[term] for term in known]]
            found[wnid] = unit_norm((weights @ rows).astype(np.float32))
    return found


def side_by_side(made: list[Vectors]) -> Vectors:
    """Join what several trainings say of the synsets that all of them know."""
    common = [wnid for wnid in made[0] if all(wnid in one for one in made)]
    return {wnid: unit_norm(np.concatenate([one[wnid] for one in made])) for wnid in common}


def _centred(vectors: Vectors) -> Vectors:
    if not vectors:
        return {}
    rows = np.stack(list(vectors.values()))
    return dict(zip(vectors, unit_norm(rows - rows.mean(axis=0)), strict=True))


if __name__ == "__main__":
    main()
