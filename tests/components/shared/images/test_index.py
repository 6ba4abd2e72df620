from pathlib import Path

import pandas as pd
import pytest
from support.colours import write_index

from components.shared.images.index import (
    CLASS_COLUMNS,
    INDEX_COLUMNS,
    read_classes,
    read_index,
    select,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seen classes with 9, 4 and 2 images of the splits, and one that is not seen."""
    return write_index(tmp_path_factory.mktemp("index") / "images")


def test_images_are_read_in_the_order_of_their_bytes(folder: Path) -> None:
    index = read_index(folder)
    assert set(INDEX_COLUMNS) <= set(index.columns)
    ends = index["offset"] + index["length"]
    assert index["offset"].tolist() == [0, *ends[:-1]]


def test_classes_are_read_with_their_numbers_of_images(folder: Path) -> None:
    classes = read_classes(folder)
    assert set(CLASS_COLUMNS) <= set(classes.columns)
    assert classes["wnid"].tolist() == ["n1", "n2", "n3", "n9"]


def test_a_split_of_the_seen_classes_is_selected_in_the_order_of_the_index(folder: Path) -> None:
    index = read_index(folder)
    chosen = select(index, split="validation", seen=True)
    assert chosen["path"].tolist() == [
        f"n{wnid}/{number}" for wnid in (1, 2, 3) for number in range(9, 13)
    ]
    assert chosen.index.tolist() == list(range(12))
    assert select(index, split="test", seen=False).empty


def test_seen_and_unseen_classes_are_told_apart(folder: Path) -> None:
    index = read_index(folder)
    index.loc[index["wnid"] == "n2", "seen"] = False
    assert set(select(index, split="test", seen=True)["wnid"]) == {"n1", "n3"}
    assert set(select(index, split="test", seen=False)["wnid"]) == {"n2"}


def test_there_are_three_splits_and_no_other(folder: Path) -> None:
    with pytest.raises(ValueError, match="no split 'val': choose one of train, validation, test"):
        select(read_index(folder), split="val", seen=True)


def test_what_is_no_image_index_is_refused(tmp_path: Path) -> None:
    for read, name in ((read_index, "index"), (read_classes, "classes")):
        with pytest.raises(ValueError, match=rf"{name}\.parquet is missing: give the output"):
            read(tmp_path)


@pytest.mark.parametrize(("name", "column"), [("index", "checksum"), ("classes", "validation")])
def test_an_index_of_another_edition_is_refused(
    folder: Path, tmp_path: Path, name: str, column: str
) -> None:
    frame = pd.read_parquet(folder / f"{name}.parquet").drop(columns=column)
    frame.to_parquet(tmp_path / f"{name}.parquet")
    read = {"index": read_index, "classes": read_classes}[name]
    with pytest.raises(ValueError, match=f"has no column '{column}': make it with prepare_images"):
        read(tmp_path)
