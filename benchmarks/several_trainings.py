r"""Label vectors of several trainings of word vectors, for tuning's `--label-vectors`.

    python benchmarks/several_trainings.py --taxonomy DIR --word-vectors DIR [DIR ...] \\
        --output FILE.npz

A synset's vector is the mean of its terms' in each training (`labels_target=mean_of_terms`); those
of all trainings stand side by side, so that a cosine is the mean of theirs.
"""

import argparse
from pathlib import Path

import numpy as np

from components.shared.artifacts.label_space import unit_norm
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.settings.labels import LabelsSettings
from components.shared.synset_vectors import (
    mean_of_terms_rows,
    normalised,
    read_vocabulary,
    target_vectors,
)

Vectors = dict[str, np.ndarray]
"""Of each synset that has one, by wnid: float32 [dim], unit norm."""


def main() -> None:
    """Make them, and say of how many synsets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--taxonomy", type=Path, required=True, metavar="DIR")
    parser.add_argument("--word-vectors", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    terms = read_taxonomy(options.taxonomy).terms
    labels = {wnid: normalised(names) for wnid, names in terms.items()}
    found = side_by_side([_vectors(labels, folder) for folder in options.word_vectors])
    np.savez(options.output, wnids=np.array(list(found)), vectors=np.stack(list(found.values())))
    print(f"{options.output}: vectors of {len(found):,} of {len(labels):,} synsets")


def side_by_side(made: list[Vectors]) -> Vectors:
    """Join what several trainings say of the synsets that all of them know."""
    common = [wnid for wnid in made[0] if all(wnid in one for one in made)]
    return {wnid: unit_norm(np.concatenate([one[wnid] for one in made])) for wnid in common}


def _vectors(labels: dict[str, list[str]], folder: Path) -> Vectors:
    words = read_vocabulary(folder, LabelsSettings().minimum_count)
    return target_vectors(*mean_of_terms_rows(labels, words))


if __name__ == "__main__":
    main()
