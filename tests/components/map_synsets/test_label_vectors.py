import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.map_synsets.label_vectors import (
    MOST_ROWS,
    ROWS_AT_ONCE,
    label_vector_rows,
    read_label_vectors,
    words_of_synsets,
)

WNIDS = ["n00000001", "n00000002", "n00000003"]
VECTORS = [[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]]
UNITS = [[0.6, 0.8], [0.0, 1.0], [1.0, 0.0]]


def parquet(file: Path, kind: pa.DataType | None = None) -> None:
    lists = pa.array(VECTORS, kind or pa.list_(pa.float64()))
    names = pa.array([f"the synset {wnid}" for wnid in WNIDS])
    pq.write_table(pa.table({"gloss": names, "clip": lists, "wnid": WNIDS}), file)


def npz(file: Path, wnids: object = WNIDS, vectors: object = VECTORS) -> None:
    with file.open("wb") as stream:
        np.savez(stream, wnids=np.asarray(wnids), vectors=np.asarray(vectors))


@pytest.mark.parametrize(
    "write",
    [
        parquet,
        lambda file: parquet(file, pa.list_(pa.float32(), 2)),
        lambda file: parquet(file, pa.large_list(pa.float16())),
        npz,
        lambda file: np.savez_compressed(file, wnids=WNIDS, vectors=np.array(VECTORS, ">f8")),
    ],
    ids=["lists", "lists of one length", "large lists", "npz", "packed npz"],
)
def test_unit_vectors_of_the_synsets_that_are_wanted_are_read_from_either_kind(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(file := tmp_path / "file.npz")
    found = read_label_vectors(str(file), {*WNIDS[1:], "n00000009"})
    assert list(found.row_of) == WNIDS[1:]
    assert found.vectors == pytest.approx(np.array(UNITS[1:]), abs=1e-3)
    assert found.vectors.dtype == np.float32


@pytest.mark.parametrize("ending", ["npz", "parquet"])
def test_all_blocks_of_a_larger_file_are_read(tmp_path: Path, ending: str) -> None:
    wnids = [f"n{number:08d}" for number in range(ROWS_AT_ONCE + 5)]
    vectors = np.random.default_rng(0).standard_normal((len(wnids), 3)).astype(np.float32)
    file = tmp_path / f"file.{ending}"
    if ending == "npz":
        np.savez(file, wnids=wnids, vectors=vectors)
    else:
        frame = pd.DataFrame({"wnid": wnids, "vector": list(vectors)})
        frame.to_parquet(file, row_group_size=300)
    found = read_label_vectors(str(file), wnids)
    assert list(found.row_of) == wnids
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    assert found.vectors == pytest.approx(vectors / lengths, abs=1e-6)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"vectors": [[1.0, 2], [np.nan, 1], [1, 2]]}, "a number for n00000002 that is not finite"),
        ({"vectors": [[1.0, 2], [1e300, 1], [1, 2]]}, "a number for n00000002 that is not finite"),
        ({"vectors": [[1, 2], [3, 4], [0, 0]]}, "nothing but zeros for n00000003: leave it out"),
        ({"wnids": [WNIDS[0], *WNIDS[:2]]}, "two vectors for n00000001: leave one out"),
        ({"wnids": ["cat", *WNIDS[:2]]}, "a vector for 'cat', which is no wnid such as n01443537"),
        ({"wnids": WNIDS[:2]}, "has 2 wnids and 3 vectors: give as many of each"),
        ({"wnids": [1, 2, 3]}, r"no texts \[n\] as 'wnids': save np.array\(wnids, dtype='U9'\)"),
        ({"wnids": np.array(WNIDS, object)}, r"no texts \[n\] as 'wnids'"),
        ({"vectors": [1.0, 2, 3]}, r"no numbers \[n, dim\], row by row, as 'vectors'"),
        ({"vectors": np.asfortranarray(VECTORS)}, r"no numbers \[n, dim\], row by row"),
        ({"vectors": np.array(VECTORS, object)}, r"no numbers \[n, dim\], row by row"),
        ({"vectors": np.ones((3, 0))}, "has 3 vectors of 0 numbers: give from 1 to 1,000,000"),
        ({"vectors": np.ones((3, 20_000), "i1")}, "of 20,000 numbers: give .* at most 16,384"),
    ],
)
def test_a_wrong_npz_is_refused_with_a_sentence(
    tmp_path: Path, arrays: dict[str, object], message: str
) -> None:
    npz(tmp_path / "file.npz", **arrays)
    with pytest.raises(ValueError, match=rf"{tmp_path}/file.npz (has|is) .*") as error:
        read_label_vectors(f"{tmp_path}/file.npz", WNIDS)
    assert error.match(message)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": WNIDS, "v": VECTORS}, "has the columns 'id', 'v': give one 'wnid', of texts"),
        ({"wnid": [1, 2, 3], "v": VECTORS}, "give one 'wnid', of texts"),
        ({"wnid": WNIDS, "v": [1.0, 2.0, 3.0]}, "has 0 columns of lists of numbers among 'wnid'"),
        ({"wnid": WNIDS, "v": VECTORS, "w": VECTORS}, "has 2 columns of lists of numbers"),
        ({"wnid": WNIDS, "v": [["a"], ["b"], ["c"]]}, "has 0 columns of lists of numbers"),
        ({"wnid": WNIDS, "v": [[1.0], [1.0], [1.0, 2.0]]}, "has 4 numbers in 3 rows of 'v'"),
        ({"wnid": WNIDS, "v": [[1.0], [1.0, 2.0, 3.0], [1.0, 2.0]]}, "has 1 numbers for n00000001"),
        ({"wnid": WNIDS, "v": [[1.0], None, [1.0]]}, "has 0 numbers for n00000002"),
        ({"wnid": WNIDS, "v": [[1.0], [None], [1.0]]}, "a number for n00000002 that is not finite"),
        ({"wnid": [*WNIDS[:2], None], "v": VECTORS}, "has 2 numbers for None"),
    ],
)
def test_a_wrong_parquet_is_refused_with_a_sentence(
    tmp_path: Path, columns: dict[str, list[object]], message: str
) -> None:
    pq.write_table(pa.table(columns), file := tmp_path / "file.parquet")
    with pytest.raises(ValueError, match=message) as error:
        read_label_vectors(str(file), WNIDS)
    assert str(error.value).startswith(str(file))


def test_what_is_no_such_file_or_was_cut_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("n00000001 1 2 3\n")
    npz(tmp_path / "npz")
    parquet(tmp_path / "parquet")
    for name in ("npz", "parquet"):
        (tmp_path / f"cut_{name}").write_bytes((tmp_path / name).read_bytes()[:-40])
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("a.txt", "a")
    for name, message in {
        "nowhere": "nowhere", "text": "neither parquet nor npz", "other": "no array 'wnids'",
        "cut_npz": "cut_npz is broken", "cut_parquet": "cut_parquet is broken",
    }.items():  # fmt: skip
        with pytest.raises(ValueError, match=message):
            read_label_vectors(f"{tmp_path}/{name}", WNIDS)


def test_a_file_without_any_synset_of_the_hierarchy_is_refused(tmp_path: Path) -> None:
    npz(tmp_path / "file.npz")
    with pytest.raises(ValueError, match="has none of the hierarchy's synsets"):
        read_label_vectors(f"{tmp_path}/file.npz", ["n00000009"])


def test_sizes_are_refused_before_anything_of_that_size_is_read(tmp_path: Path) -> None:
    header = BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (MOST_ROWS + 1, 2)}
    np.lib.format.write_array_header_1_0(header, shape)
    names = BytesIO()
    of_names = {"descr": "<U9", "fortran_order": False, "shape": (MOST_ROWS + 1,)}
    np.lib.format.write_array_header_1_0(names, of_names)
    with zipfile.ZipFile(tmp_path / "file.npz", "w") as archive:
        archive.writestr("vectors.npy", header.getvalue())
        archive.writestr("wnids.npy", names.getvalue())
    with pytest.raises(ValueError, match="has 1,000,001 vectors of 2 numbers: give from 1 to 1,0"):
        read_label_vectors(f"{tmp_path}/file.npz", WNIDS)


def test_a_label_has_its_own_row_or_none(tmp_path: Path) -> None:
    npz(tmp_path / "file.npz")
    given = read_label_vectors(f"{tmp_path}/file.npz", WNIDS)
    labels = {WNIDS[0]: ["crane", "bird"], WNIDS[1]: ["crane"], "n00000009": ["hook"]}
    rows, chosen = label_vector_rows(labels, given)
    assert {wnid: (one.term, one.source) for wnid, one in chosen.items()} == {
        WNIDS[0]: ("crane#n00000001", "file"),
        WNIDS[1]: ("crane#n00000002", "file"),
        "n00000009": ("", "none"),
    }
    assert rows["crane#n00000001"].synsets() == WNIDS[:1]
    assert rows["crane#n00000001"].vector == pytest.approx(np.array(UNITS[0]), abs=1e-3)


def test_a_word_is_the_mean_of_the_synsets_that_it_names(tmp_path: Path) -> None:
    npz(tmp_path / "file.npz")
    given = read_label_vectors(f"{tmp_path}/file.npz", WNIDS)
    synsets = {WNIDS[0]: ("Crane", "bird"), WNIDS[1]: ("big hook",), WNIDS[2]: ("crane",)}
    terms, vectors = words_of_synsets(synsets, given)
    assert terms == ["big_hook", "bird", "crane"]
    mean = np.array([0.8, 0.4]) / np.hypot(0.8, 0.4)
    assert vectors == pytest.approx(np.array([UNITS[1], UNITS[0], mean]), abs=1e-3)
