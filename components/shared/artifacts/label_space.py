"""The label space: every label's term vectors, as map_synsets writes them and others read them.

A folder with labels.parquet, candidates.parquet, terms.parquet, vectors.safetensors and
label_space.json (paper, section 3.1 and appendix A.2), and beside them every word vector
(words.parquet, words.safetensors) so that new labels can be given at prediction time.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from components.shared.storage.atomic import write_json

NO_ROW = -1
WORD_FILES = ("words.parquet", "words.safetensors")
"""Hold every word vector; whoever ranks labels alone needs none."""


class SharingPair(TypedDict):
    """A seen and an unseen label that share a term, as label_space.json lists them.

    Attributes:
        seen: wnid.
        unseen: wnid.
        terms: What they have in common.
    """

    seen: str
    unseen: str
    terms: list[str]


@dataclass(frozen=True)
class LabelSpace:
    """Labels, candidate sets and the table of term vectors that ranking goes through.

    Attributes:
        labels: One row a label: wnid, role (seen or unseen), terms (normalised, first first),
            target_term, target_source (first_term, synonym, mean, mean_of_terms, neighbours,
            file or none),
            target_row (row of `vectors`, -1 for none).
        candidates: One row a member of a candidate set: set, wnid. Labels without a vector are
            members.
        terms: One row a vector, by term text: row, term, count, source (term, mean,
            mean_of_terms, neighbours or file), wnids (the synsets that the term expands to, in
            the fixed order: those whose first term it is, then the others, each by wnid).
        vectors: float32 [rows, dim], unit norm.
        facts: What label_space.json holds: kind (random where no vector tells of words, file where
            a file has the labels' vectors), vectors and vectors_trained_on (the settings), dim,
            minimum_count, target, centred, centre,
            seed, counts by target source, without_vector, pairs_sharing_terms.
    """

    labels: pd.DataFrame
    candidates: pd.DataFrame
    terms: pd.DataFrame
    vectors: np.ndarray
    facts: dict[str, Any]


@dataclass(frozen=True)
class Words:
    """Every word vector, for labels that are given at prediction time.

    Attributes:
        words: One row a word: row, term, count.
        vectors: float16 [words, dim], unit norm, centred as the label space is.
    """

    words: pd.DataFrame
    vectors: np.ndarray


def unit_norm(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors [..., dim] to length one, as float32; a zero vector stays zero."""
    # einsum sums in double precision without a double copy of millions of word vectors.
    squares = np.einsum("...d,...d->...", vectors, vectors, dtype=np.float64)
    lengths = np.sqrt(np.where(squares == 0, 1.0, squares))[..., None]
    units: np.ndarray = np.divide(vectors, lengths, dtype=np.float32, casting="same_kind")
    return units


def write_label_space(folder: Path, space: LabelSpace) -> None:
    """Write the tables, vectors and facts of a label space into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    space.labels.to_parquet(folder / "labels.parquet", index=False)
    space.candidates.to_parquet(folder / "candidates.parquet", index=False)
    space.terms.to_parquet(folder / "terms.parquet", index=False)
    save_file({"vectors": space.vectors}, folder / "vectors.safetensors")
    write_json(folder / "label_space.json", space.facts)


def read_label_space(folder: Path) -> LabelSpace:
    """Read the label space that `write_label_space` wrote.

    Raises:
        ValueError: A file of the label space is missing from the folder.
    """
    _require(folder, "labels.parquet", "candidates.parquet", "terms.parquet")
    _require(folder, "vectors.safetensors", "label_space.json")
    return LabelSpace(
        labels=_with_lists(pd.read_parquet(folder / "labels.parquet"), "terms"),
        candidates=pd.read_parquet(folder / "candidates.parquet"),
        terms=_with_lists(pd.read_parquet(folder / "terms.parquet"), "wnids"),
        vectors=load_file(folder / "vectors.safetensors")["vectors"],
        facts=json.loads((folder / "label_space.json").read_text(encoding="utf-8")),
    )


def write_words(folder: Path, words: Words) -> None:
    """Write the word vectors beside the label space in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    table, vectors = (folder / name for name in WORD_FILES)
    words.words.to_parquet(table, index=False)
    save_file({"vectors": words.vectors}, vectors)


def read_words(folder: Path) -> Words:
    """Read the word vectors of the label space in `folder`.

    Raises:
        ValueError: A file of the word vectors is missing from the folder.
    """
    _require(folder, *WORD_FILES)
    table, vectors = (folder / name for name in WORD_FILES)
    return Words(pd.read_parquet(table), load_file(vectors)["vectors"])


def members(space: LabelSpace, set_name: str) -> list[str]:
    """Return the wnids of a candidate set, such as `seen` or `<set>_plus_seen`, in table order.

    Raises:
        ValueError: The label space has no such set.
    """
    rows = space.candidates[space.candidates["set"] == set_name]
    if rows.empty:
        known = ", ".join(sorted(space.candidates["set"].unique()))
        raise ValueError(f"The label space has no candidate set {set_name!r}; it has {known}.")
    return list(rows["wnid"])


def target_rows(space: LabelSpace, wnids: Collection[str]) -> np.ndarray:
    """Return the row of each label's target vector, int64 [n], -1 for a label without one.

    Raises:
        ValueError: A wnid is no label of this space.
    """
    row_of = dict(zip(space.labels["wnid"], space.labels["target_row"], strict=True))
    for wnid in wnids:
        if wnid not in row_of:
            raise ValueError(f"{wnid} is no label of this label space; run map_synsets with it.")
    return np.array([row_of[wnid] for wnid in wnids], dtype=np.int64)


def targets(space: LabelSpace, wnids: Sequence[str]) -> np.ndarray:
    """Return the target vector of each label, float32 [n, dim], unit norm.

    Raises:
        ValueError: A wnid is no label of this space, or a label without a vector.
    """
    rows = target_rows(space, wnids)
    for wnid, row in zip(wnids, rows, strict=True):
        if row == NO_ROW:
            raise ValueError(f"The label {wnid} has no vector; leave it out of the targets.")
    found: np.ndarray = space.vectors[rows]
    return found


def _with_lists(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: [list(values) for values in frame[column]]})


def _require(folder: Path, *names: str) -> None:
    for name in names:
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is no whole label space: {name} is missing.")
