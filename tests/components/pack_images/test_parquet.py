import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.damage import damaged, is_read_or_refused
from support.images import contents_of, find_images

from components.pack_images.listing import Source
from components.pack_images.parquet import read_images, split_of_file
from components.shared.images.limits import BadImage
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
    return contents_of(str(uri), ("train", "val"), ground_truth, TERMS)


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
    assert [int(data or b"") for data in read_images(file, rows)] == rows


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


def test_a_row_without_bytes_says_so_when_it_is_read_alone(tmp_path: Path) -> None:
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    images = [None, {"bytes": None, "path": "a.jpg"}, {"bytes": b"2", "path": "b.jpg"}]
    labels = pa.array([TENCH] * 3)
    write(tmp_path / "train.parquet", pa.table({"image": pa.array(images, kind), "label": labels}))
    paths = [image.path for image in find_images(str(tmp_path), (), "", TERMS).images]
    assert [path.rpartition("/")[2] for path in paths] == ["00000000", "a.jpg", "b.jpg"]
    sources = [Source(path, f"{tmp_path}/train.parquet", row=n) for n, path in enumerate(paths)]
    for source in sources[:2]:
        with pytest.raises(BadImage, match="its row holds no bytes"):
            source.read()
    assert sources[2].read() == b"2"


@pytest.mark.parametrize(
    "labels",
    [
        pa.array([0.0, 1.0]),
        pa.array([0, 1], pa.uint8()),
        pa.array([Decimal(0), Decimal(1)]),
        pa.array(["tench", "goldfish"]).dictionary_encode(),
        pa.array(["tench", "goldfish"], pa.large_string()),
    ],
)
def test_labels_are_read_in_whatever_type_a_program_keeps_them(
    tmp_path: Path, labels: pa.Array
) -> None:
    content = table([0, 1], ["a", "b"], NAMES)
    content = content.set_column(1, "label", labels)
    write(tmp_path / "train.parquet", content)
    assert set(contents(tmp_path)) == {f"train/{TENCH}/a", f"train/{GOLDFISH}/b"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (pa.array([0.0, float("nan")]), "row 1 has no label"),
        (pa.array([0.0, 0.5]), "row 1 has the label 0.5, no whole number: correct it"),
        (pa.array([0.0, float("inf")]), "row 1 has the label inf, no whole number"),
        (pa.array([None, None]), "row 0 has no label"),
        (pa.array([[0], [1]]), r"labels in 'label' are of the type list<.*>: give a class's numb"),
        (pa.array([False, True]), "are of the type bool"),
        (pa.array([b"tench", b"x"]), "are of the type binary"),
    ],
)
def test_labels_that_name_no_class_are_refused_by_column_or_row(
    tmp_path: Path, labels: pa.Array, message: str
) -> None:
    file = write(
        tmp_path / "train.parquet", table([0, 1], ["a", "b"], NAMES).set_column(1, "label", labels)
    )
    with pytest.raises(ValueError, match=f"{file}: .*{message}"):
        contents(tmp_path)


@pytest.mark.parametrize(
    ("images", "metadata"),
    [
        (pa.array([{"bytes": "0", "path": "a"}]), b"{}"),
        (pa.array([{"bytes": [0], "path": "a"}]), b"{}"),
        (pa.array(["0"]), b"no json"),
        (pa.array([0]), b'{"info": null}'),
        (pa.array([0]), b'{"info": {"features": {"image": {"_type": "Image"}, "label": 3}}}'),
    ],
)
def test_images_of_another_type_than_bytes_are_refused(
    tmp_path: Path, images: pa.Array, metadata: bytes
) -> None:
    made = pa.table({"image": images, "label": [TENCH]})
    write(tmp_path / "train.parquet", made.replace_schema_metadata({b"huggingface": metadata}))
    with pytest.raises(ValueError, match="has no column 'image' that holds bytes"):
        contents(tmp_path)


def test_a_file_that_unpacks_to_far_more_than_it_has_is_refused(tmp_path: Path) -> None:
    content = pa.table({"image": [bytes(30_000_000)] * 10, "label": [TENCH] * 10})
    file = str(tmp_path / "train.parquet")
    pq.write_table(content, file, compression="zstd", use_dictionary=False)
    with pytest.raises(ValueError, match=r"parquet: row group 0 unpacks to 300,.* from a file of"):
        find_images(file, (), "", TERMS)


def test_an_image_that_stands_for_many_rows_is_not_held_for_each(tmp_path: Path) -> None:
    content = pa.table({"image": [bytes(3_000_000)] * 64, "label": [TENCH] * 64})
    file = write(tmp_path / "train.parquet", content, 64)
    before = pa.total_allocated_bytes()
    images = read_images(file, range(64))
    assert next(images) == bytes(3_000_000)
    assert pa.total_allocated_bytes() - before < 30_000_000


def test_whatever_bytes_of_its_data_are_changed_a_file_is_read_or_refused_by_name(
    tmp_path: Path,
) -> None:
    file = Path(write(tmp_path / "train.parquet", table([0, 1, 1], ["a", "b", "c"], NAMES)))
    whole = file.read_bytes()
    # Not its footer: at some of these bytes Arrow's own code ends the process.
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    for data in damaged(whole, 200, within=len(whole) - footer):
        file.write_bytes(data)
        assert is_read_or_refused(lambda: contents(tmp_path), "train.parquet", "ground_truth_uri")


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match=r"train\.parquet is no readable parquet \(.*: fetch it"):
        contents(tmp_path)


def test_a_split_in_parquet_and_in_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train" / TENCH).mkdir(parents=True)
    (tmp_path / "train" / TENCH / "a.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="The split 'train' comes from two sources"):
        contents(hub(tmp_path))
