import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simplejpeg
from PIL import Image
from support.images import packed_index, packed_parts
from support.no_privilege import permissions_count
from support.settings import changed, unchecked
from support.tars import tar_of
from support.world_of_images import BY_NATURE, LAYOUTS, images_with_flaws, jpeg, settings_of

from components.prepare_images.joining import join_parts
from components.shared.images.index import read_classes, read_index
from components.shared.images.shards import ImageStore
from components.shared.settings.images import ImagesSettings


@pytest.fixture(name="config")
def config_of_a_small_source(tmp_path: Path) -> ImagesSettings:
    for number in range(3 * 2 * 10):
        split = ("train", "val")[number % 2]
        file = tmp_path / "images" / split / f"n{number // 20 + 1}" / f"{number:03}.JPEG"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(jpeg(number))
    return unchecked(
        ImagesSettings,
        uri=str(tmp_path / "images"),
        unseen=["n3"],
        validation_share=0.3,
        store_uri=str(tmp_path / "store"),
        short_side=16,
    )


def facts_of(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "images.json").read_text())
    return content


def test_an_image_whose_name_is_no_utf_8_is_left_out_and_told(
    config: ImagesSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(config.uri) / "train/n1" / os.fsdecode(b"caf\xe9.jpg")).write_bytes(jpeg(100))
    assert packed_index(config, tmp_path / "index")["unreadable_images"] == 1
    (entry,) = facts_of(tmp_path / "index")["unreadable"]
    assert entry == {
        "path": r"train/n1/caf\udce9.jpg",
        "reason": "its name, or its folder's, is not UTF-8: rename it",
    }
    assert r"left out 1 unreadable: train/n1/caf\udce9.jpg" in capsys.readouterr().out


def test_images_that_the_list_has_and_the_source_lacks_are_counted_and_told(
    config: ImagesSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = []
    for number, image in enumerate(sorted((Path(config.uri) / "val").glob("*/*"))):
        lines.append(f"{image.name} {image.parent.name.replace('n', 'n0000000')}\n")
        image.rename(Path(config.uri) / "val" / image.name)
        if number % 10 == 0:
            (Path(config.uri) / "val" / image.name).unlink()
    for folder in (Path(config.uri) / "val").glob("n?"):
        folder.rmdir()
    for folder in (Path(config.uri) / "train").iterdir():
        folder.rename(folder.with_name(folder.name.replace("n", "n0000000")))
    (tmp_path / "list").write_text("".join(lines))
    listed = changed(config, ground_truth_uri=str(tmp_path / "list"), unseen=["n00000003"])
    assert packed_index(listed, tmp_path / "index")["listed_without_image"] == 3
    assert facts_of(tmp_path / "index")["listed_without_image"] == ["001", "021", "041"]
    assert "3 that the list of classes has are not there: 001, 021, 041" in capsys.readouterr().out


def test_every_image_comes_back_byte_for_byte_with_its_checksum(
    config: ImagesSettings, tmp_path: Path
) -> None:
    metrics = packed_index(config, tmp_path / "index")
    index = read_index(tmp_path / "index")
    store = ImageStore(index)
    for row, (path, checksum) in enumerate(zip(index["path"], index["checksum"], strict=True)):
        data = (Path(config.uri) / path).read_bytes()
        assert store.read(row) == data
        assert checksum == hashlib.sha256(data).hexdigest()[:32]
    assert index["path"].is_unique
    assert len(index) == 50
    assert metrics["train_images"] == 20
    assert metrics["seen_classes"] == 2
    assert metrics["unseen_classes"] == 1
    assert facts_of(tmp_path / "index")["left_out"] == {"train": 10, "val": 0}


@pytest.mark.parametrize("members", [{}, {"._a.JPEG": b"of a system"}])
@pytest.mark.parametrize("layout", ["class tars", "tars of class tars"])
def test_a_class_whose_training_tar_has_no_image_is_unseen_by_nature(
    tmp_path: Path, members: dict[str, bytes], layout: str
) -> None:
    LAYOUTS[layout](tmp_path / "images", images_with_flaws())
    empty = tar_of(members)
    if layout == "class tars":
        (tmp_path / f"images/train/{BY_NATURE}.tar").write_bytes(empty)
    else:
        with tarfile.open(tmp_path / "images/train.tar", "a") as tar:
            info = tarfile.TarInfo(f"{BY_NATURE}.tar")
            info.size = len(empty)
            tar.addfile(info, io.BytesIO(empty))
    packed_index(settings_of(tmp_path), tmp_path / "index")
    classes = read_classes(tmp_path / "index").set_index("wnid")
    assert not classes.loc[BY_NATURE, "seen"]
    assert classes.loc[BY_NATURE, "test"] == 3


def test_the_classes_are_counted(config: ImagesSettings, tmp_path: Path) -> None:
    packed_index(config, tmp_path / "index")
    classes = read_classes(tmp_path / "index").set_index("wnid")
    assert classes["seen"].to_dict() == {"n1": True, "n2": True, "n3": False}
    assert classes["train"].tolist() == [10, 10, 0]
    assert (classes["validation"] + classes["test"]).tolist() == [10, 10, 10]


def test_shards_are_named_by_their_content_and_hold_one_split(
    config: ImagesSettings, tmp_path: Path
) -> None:
    packed_index(config, tmp_path / "index")
    index = read_index(tmp_path / "index")
    for shard, rows in index.groupby("shard", sort=False):
        content = Path(shard).read_bytes()
        assert Path(shard).name == hashlib.sha256(content).hexdigest() + ".shard"
        assert len(content) == rows["length"].sum()
        assert rows["split"].nunique() == 1
    assert facts_of(tmp_path / "index")["shards"] == index["shard"].unique().tolist()


def test_packing_again_gives_the_same_index_and_leaves_the_shards_alone(
    config: ImagesSettings, tmp_path: Path
) -> None:
    packed_index(config, tmp_path / "index")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "store").iterdir()}
    packed_index(config, tmp_path / "again")
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "store").iterdir()} == before
    pd.testing.assert_frame_equal(read_index(tmp_path / "index"), read_index(tmp_path / "again"))


def test_shards_do_not_grow_beyond_their_size(
    config: ImagesSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.pack_images.shards.MEGABYTE", 2000)
    packed_index(changed(config, shard_megabytes=1), tmp_path / "index")
    shards = list((tmp_path / "store").iterdir())
    assert len(shards) > 5
    assert max(shard.stat().st_size for shard in shards) <= 2000


def test_unreadable_images_are_named_counted_and_left_out(
    config: ImagesSettings, tmp_path: Path
) -> None:
    broken = {"train/n1/000.JPEG": b"", "train/n1/002.JPEG": jpeg(2)[:-100]}
    for path, data in broken.items():
        (Path(config.uri) / path).write_bytes(data)
    metrics = packed_index(config, tmp_path / "index")
    unreadable = facts_of(tmp_path / "index")["unreadable"]
    assert [entry["path"] for entry in unreadable] == list(broken)
    assert "it is none of JPEG, PNG" in unreadable[0]["reason"]
    assert "truncated" in unreadable[1]["reason"]
    assert metrics["unreadable_images"] == 2
    assert not set(broken) & set(read_index(tmp_path / "index")["path"])


def test_images_that_may_not_be_read_or_are_too_large_are_left_out_and_said(
    config: ImagesSettings, tmp_path: Path
) -> None:
    locked, huge = (Path(config.uri) / "train/n1" / name for name in ("000.JPEG", "002.JPEG"))
    locked.chmod(0)
    with huge.open("ab") as file:
        file.truncate(401_000_000)
    with permissions_count():
        metrics = packed_index(config, tmp_path / "index")
    assert metrics["unreadable_images"] == 2
    assert facts_of(tmp_path / "index")["unreadable"] == [
        {"path": "train/n1/000.JPEG", "reason": "it cannot be read: Permission denied"},
        {
            "path": "train/n1/002.JPEG",
            "reason": "it has more than 400 million bytes: scale it down",
        },
    ]


@pytest.mark.parametrize(
    ("folder", "part"), [("train/n1", "training"), ("val/n2", "held-out"), ("val/n3", "held-out")]
)
def test_a_class_with_only_unreadable_images_is_refused(
    config: ImagesSettings, tmp_path: Path, folder: str, part: str
) -> None:
    for file in (Path(config.uri) / folder).iterdir():
        file.write_bytes(b"no image")
    with pytest.raises(ValueError, match=f"All {part} images of the class {folder[-2:]} in .* are"):
        packed_index(config, tmp_path / "index")


def test_held_out_images_that_are_training_images_too_are_told(
    config: ImagesSettings, tmp_path: Path
) -> None:
    (Path(config.uri) / "val/n3/041.JPEG").write_bytes(jpeg(0))
    metrics = packed_index(config, tmp_path / "index")
    assert metrics["duplicate_images"] == 1
    assert facts_of(tmp_path / "index")["duplicates"] == [
        {"path": "val/n3/041.JPEG", "split": "test", "train": "train/n1/000.JPEG"}
    ]


def test_test_images_that_are_training_images_may_be_left_out(
    config: ImagesSettings, tmp_path: Path
) -> None:
    (Path(config.uri) / "val/n3/041.JPEG").write_bytes(jpeg(0))
    metrics = packed_index(changed(config, leave_out_duplicates=True), tmp_path / "index")
    assert metrics["left_out_duplicate_images"] == metrics["duplicate_images"] == 1
    facts = facts_of(tmp_path / "index")
    assert [entry["path"] for entry in facts["duplicates"]] == ["val/n3/041.JPEG"]
    assert facts["left_out_duplicates"] == 1
    paths = set(read_index(tmp_path / "index")["path"])
    assert "train/n1/000.JPEG" in paths
    assert "val/n3/041.JPEG" not in paths


def test_a_class_whose_test_images_are_all_training_images_is_refused(
    config: ImagesSettings, tmp_path: Path
) -> None:
    for file in (Path(config.uri) / "val/n3").iterdir():
        file.write_bytes(jpeg(0))
    with pytest.raises(
        ValueError, match=r"held-out images of the class n3 .* or training images t"
    ):
        packed_index(changed(config, leave_out_duplicates=True), tmp_path / "index")


def test_duplicates_are_the_same_in_the_source_not_just_as_packed(
    config: ImagesSettings, tmp_path: Path
) -> None:
    pixels = Image.fromarray(simplejpeg.decode_jpeg(jpeg(0)))
    for path, level in (("train/n1/000.JPEG", 1), ("val/n3/041.JPEG", 9)):
        pixels.save(Path(config.uri) / path, "PNG", compress_level=level)
    metrics = packed_index(config, tmp_path / "index")
    checksums = read_index(tmp_path / "index").set_index("path")["checksum"]
    assert checksums["train/n1/000.JPEG"] == checksums["val/n3/041.JPEG"]
    assert metrics["duplicate_images"] == 0


def test_classes_with_images_of_a_zero_shot_split_alone_are_unseen(
    config: ImagesSettings, tmp_path: Path
) -> None:
    for number, wnid in enumerate(("n1", "n8", "n9")):
        file = Path(config.uri) / "fall11" / wnid / "a.JPEG"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"broken" if wnid == "n9" else jpeg(100 + number))
    both = changed(config, zero_shot_splits=["val", "fall11"])
    metrics = packed_index(both, tmp_path / "index")
    classes = read_classes(tmp_path / "index").set_index("wnid")
    assert metrics["unseen_by_nature_classes"] == facts_of(tmp_path / "index")["unseen_by_nature"]
    assert metrics["unseen_by_nature_classes"] == 2
    assert metrics["unreadable_images"] == 1
    assert classes["seen"].to_dict() == {
        "n1": True, "n2": True, "n3": False, "n8": False, "n9": False,
    }  # fmt: skip
    assert classes["test"][["n8", "n9"]].tolist() == [1, 0]
    assert "fall11/n1/a.JPEG" not in set(read_index(tmp_path / "index")["path"])


def test_rows_of_parquet_files_are_packed_as_they_lie(tmp_path: Path) -> None:
    wnids = ["n00000002", "n00000001"] * 30
    for split in ("train", "validation"):
        start = 0 if split == "train" else 60
        images = [{"bytes": jpeg(start + n), "path": None} for n in range(60)]
        table = pa.table({"image": images, "label": wnids})
        (tmp_path / "images").mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / f"images/{split}.parquet", row_group_size=7)
    config = unchecked(
        ImagesSettings,
        uri=str(tmp_path / "images"),
        validation_share=0.5,
        store_uri=str(tmp_path / "store"),
    )
    metrics = packed_index(config, tmp_path / "index")
    assert metrics["train_images"] == metrics["validation_images"] + metrics["test_images"] == 60
    index = read_index(tmp_path / "index")
    store = ImageStore(index)
    for row, path in enumerate(index["path"]):
        split, wnid, number = path.split("/")
        assert wnid == wnids[int(number)]
        assert store.read(row) == jpeg(int(number) + (0 if split == "train" else 60))
    assert index["path"].str[-8:][:60].astype(int).tolist() == list(range(60))


def test_shards_in_object_storage_come_back_through_the_cache(
    config: ImagesSettings, tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    packed_index(changed(config, store_uri=f"{s3}/shards"), tmp_path / "index")
    index = read_index(tmp_path / "index")
    store = ImageStore(index)
    expected = [(Path(config.uri) / path).read_bytes() for path in index["path"]]
    assert [store.read(row) for row in range(len(index))] == expected
    cached = {file.name for file in (tmp_path / "cache").glob("*.shard")}
    assert cached == {uri.rsplit("/", 1)[1] for uri in index["shard"]}
    gone = ImageStore(index.assign(shard=f"{s3}/shards/gone.shard"))
    with pytest.raises(ValueError, match=r"gone\.shard is missing: give the 'python pipe"):
        gone.read(0)


@pytest.mark.real_data
def test_real_images_of_a_tar_are_packed_as_they_are(shared_data: Path, tmp_path: Path) -> None:
    config = unchecked(
        ImagesSettings,
        uri=str(shared_data / "tiny-imagenet"),
        classes=["n01443537", "n01629819", "n01641577"],
        unseen=["n01641577"],
        per_class=20,
        store_uri=str(tmp_path / "store"),
    )
    metrics = packed_index(config, tmp_path / "index")
    assert metrics["train_images"] == 40
    assert metrics["validation_images"] + metrics["test_images"] == 60
    assert metrics["unreadable_images"] == 0
    assert read_index(tmp_path / "index")["path"].iloc[0] == "train/n01443537/n01443537_0.JPEG"


def test_a_class_that_the_taxonomy_does_not_have_is_refused(
    config: ImagesSettings, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="no synsets of the taxonomy, the first is n"):
        packed_index(config, tmp_path / "index", {"n99999999": ["nothing"]})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_index_is_the_same_however_many_parts_there_are(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.pack_images.shards.MEGABYTE", 5000)
    LAYOUTS[layout](tmp_path / "images", images_with_flaws())
    config = settings_of(tmp_path)
    for parts in (1, 3, 7):
        packed_index(config, tmp_path / f"{parts}", parts=parts)
    names = ("index.parquet", "classes.parquet", "images.json")
    one, three, seven = ([(tmp_path / n / name).read_bytes() for name in names] for n in "137")
    assert one == three == seven
    facts = facts_of(tmp_path / "1")
    assert {len(facts[name]) > 1 for name in ("unreadable", "duplicates", "shards")} == {True}
    assert facts["unseen_by_nature"] == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_index_is_the_same_in_whatever_layout_the_images_come(
    tmp_path: Path, layout: str
) -> None:
    columns = ["path", "wnid", "split", "checksum", "seen"]
    found = []
    for name in ("folders", layout):
        LAYOUTS[name](tmp_path / name / "images", images_with_flaws())
        config = changed(settings_of(tmp_path / name), per_class=6)
        packed_index(config, tmp_path / name / "index", parts=2)
        frame = read_index(tmp_path / name / "index")[columns]
        found.append(frame.sort_values("path").reset_index(drop=True))
    pd.testing.assert_frame_equal(*found)


def test_parts_come_in_any_order(tmp_path: Path) -> None:
    LAYOUTS["class tars"](tmp_path / "images", images_with_flaws())
    config = settings_of(tmp_path)
    parts = packed_parts(config, tmp_path / "parts", 3)
    join_parts(config, parts, tmp_path / "a")
    join_parts(config, parts[::-1], tmp_path / "b")
    a, b = ((tmp_path / name / "index.parquet").read_bytes() for name in "ab")
    assert a == b


@pytest.mark.parametrize("unseen", [["n3"], ["n1"], ["n1", "n2"]])
def test_images_packed_without_a_word_of_the_unseen_are_indexed_as_if_it_had_been_said(
    config: ImagesSettings, tmp_path: Path, unseen: list[str]
) -> None:
    config = changed(config, unseen=unseen)
    parts = packed_parts(changed(config, unseen=[]), tmp_path / "parts", 1)
    join_parts(config, parts, tmp_path / "joined")
    packed_index(config, tmp_path / "told")
    joined, told = (read_index(tmp_path / name) for name in ("joined", "told"))
    same = ["path", "wnid", "split", "checksum", "length", "seen"]
    pd.testing.assert_frame_equal(joined[same], told[same])
    # The images of their classes to train on.
    assert facts_of(tmp_path / "joined")["packed_in_vain"] == 10 * len(unseen)
    store = ImageStore(joined)
    assert all(store.read(row) == jpeg(int(Path(p).stem)) for row, p in enumerate(joined["path"]))


def test_what_was_packed_and_is_not_needed_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    LAYOUTS["split tars"](tmp_path / "images", images_with_flaws())
    packed_index(changed(settings_of(tmp_path), leave_out_duplicates=False), tmp_path / "index")
    # That n00000001 has training images, the tar of the others does not tell.
    assert facts_of(tmp_path / "index")["packed_in_vain"] == 3
    assert "images: 3 that were packed are not used" in capsys.readouterr().out
