import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.prepare_images.parquet import read_images, split_of_file
from components.prepare_images.sources import find_images
from components.shared.storage import store

TENCH, GOLDFISH = "n01440764", "n01443537"
NAMES = ["tench, Tinca tinca", "goldfish"]
TERMS = {TENCH: ["tench", "Tinca tinca"], GOLDFISH: ["goldfish", "Carassius auratus"]}


def table(labels: list[Any], paths: list[str | None], names: list[str] | None = None) -> pa.Table:
    """As the datasets library writes it; image i of a file holds the bytes of str(i)."""
    images = [{"bytes": str(i).encode(), "path": path} for i, path in enumerate(paths)]
    made = pa.table({"image": images, "label": labels})
    features: dict[str, Any] = {"image": {"_type": "Image"}}
    if names:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return made.replace_schema_metadata(metadata)


def write(file: Path, content: pa.Table, rows: int = 2) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(content, file, row_group_size=rows)
    return str(file)


def hub(folder: Path) -> Path:
    train = table([0, 1, 0], ["a.JPEG", "a.JPEG", "a.JPEG"], NAMES)
    write(folder / "data/train-00000-of-00002.parquet", train)
    write(folder / "data/train-00001-of-00002.parquet", table([1], [None], NAMES))
    write(folder / "data/validation-00000-of-00001.parquet", table([1], ["x/v.png"], NAMES))
    (folder / "README.md").write_text("a card")
    return folder


def contents(uri: Path | str, ground_truth: str = "") -> dict[str, bytes]:
    listing = find_images(str(uri), ("train", "val"), ground_truth, TERMS)
    return {image.path: image.read() for image in listing.images}


EXPECTED = {
    f"train/{TENCH}/a.JPEG": b"0",
    f"train/{GOLDFISH}/a.JPEG": b"1",
    f"train/{TENCH}/00000002-a.JPEG": b"2",
    f"train/{GOLDFISH}/00000003": b"0",
    f"val/{GOLDFISH}/v.png": b"0",
}


def test_a_data_set_of_the_hub_is_read(tmp_path: Path) -> None:
    assert contents(hub(tmp_path)) == EXPECTED
    assert find_images(str(tmp_path), (), "", TERMS).wnids == {TENCH, GOLDFISH}


def test_a_data_set_in_object_storage_is_read_the_same(tmp_path: Path, s3: str) -> None:
    for file in hub(tmp_path).rglob("*.parquet"):
        store.upload(file, f"{s3}/{file.relative_to(tmp_path)}")
    assert contents(s3) == EXPECTED


def test_labels_may_be_texts_and_images_plain_bytes(tmp_path: Path) -> None:
    write(tmp_path / "train.parquet", pa.table({"img": [b"0", b"1"], "label": [TENCH, "goldfish"]}))
    assert contents(tmp_path) == {
        f"train/{TENCH}/00000000": b"0",
        f"train/{GOLDFISH}/00000001": b"1",
    }


def test_a_list_gives_the_wnids_of_numbers_whatever_their_names(tmp_path: Path) -> None:
    write(tmp_path / "images/train.parquet", table([0, 1], [None, None], ["crane", "crane bird"]))
    write(tmp_path / "images/val.parquet", table([1], [None]))
    (tmp_path / "list").write_text(f"{TENCH} tench\n{GOLDFISH} goldfish\n")
    listed = contents(tmp_path / "images", f"{tmp_path}/list")
    classes = [path.rpartition("/")[0] for path in listed]
    assert classes == [f"train/{TENCH}", f"train/{GOLDFISH}", f"val/{GOLDFISH}"]


def test_some_rows_are_read_in_order_from_their_row_groups(tmp_path: Path) -> None:
    file = write(tmp_path / "train.parquet", table([0] * 500, [None] * 500), 100)
    rows = [3, 99, 100, 350, 499]
    assert [int(data) for data in read_images(file, rows)] == rows


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("data/train-00000-of-00004.parquet", "train"),
        ("data/valid-00000-of-00001-70d52db3c749a935.parquet", "valid"),
        ("default/train/0000.parquet", "train"),
        ("val.parquet", "val"),
        ("val-1.parquet", "val"),
        ("zero_shot-00000-of-00001.parquet", "zero_shot"),
    ],
)
def test_the_split_stands_in_the_name(path: str, split: str) -> None:
    assert split_of_file(path) == split


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pa.table({"image": [b"0"]}), r"has no labels: no column 'label' and not one ClassLabel"),
        (pa.table({"label": [0]}), r"has no column 'image' that holds bytes: it has \['label'\]"),
        (table([0, None], [None, None], NAMES), "row 1 has no label; move the file away"),
        (table([0, -1], [None, None], NAMES), "row 1 has no label"),
        (table([0, 2], [None, None], NAMES), "row 1 has the label 2: allowed is from 0 to 1"),
        (table([0], [None]), "labels in 'label' are numbers without names: give images_ground_tru"),
        (table([0], [None], ["shark"]), "The class name 'shark' is no synset's"),
        (table(["shark"], [None]), "The class name 'shark' is no synset's"),
    ],
)
def test_what_has_no_labels_is_refused(tmp_path: Path, content: pa.Table, message: str) -> None:
    write(tmp_path / "train.parquet", content)
    with pytest.raises(ValueError, match=message):
        find_images(str(tmp_path), (), "", TERMS)


def test_a_list_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "images/train.parquet", table([0], [None], NAMES))
    (tmp_path / "list").write_text(TENCH)
    with pytest.raises(ValueError, match=r"list has 1 wnids for the 2 classes of .*train\.par"):
        contents(tmp_path / "images", f"{tmp_path}/list")


def test_a_row_without_bytes_is_refused(tmp_path: Path) -> None:
    content = pa.table({"image": [{"bytes": None, "path": "a.jpg"}], "label": [TENCH]})
    bytes_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    write(
        tmp_path / "train.parquet",
        content.set_column(0, "image", content["image"].cast(bytes_type)),
    )
    with pytest.raises(ValueError, match="row 0 holds no bytes of its image"):
        contents(tmp_path)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match=r"train\.parquet is no readable parquet \(.*: fetch it"):
        contents(tmp_path)


def test_a_split_in_parquet_and_in_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train" / TENCH).mkdir(parents=True)
    (tmp_path / "train" / TENCH / "a.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="The split 'train' comes from two sources"):
        contents(hub(tmp_path))
