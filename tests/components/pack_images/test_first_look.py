import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.settings import unchecked
from support.tars import tar_of
from support.web_server import serving

from components.pack_images.first_look import (
    IMAGES_TRIED,
    class_names,
    look_at_images,
    look_at_list,
)
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store

TENCH, GOLDFISH = "n01440764", "n01443537"
TERMS = {TENCH: ["tench"], GOLDFISH: ["goldfish"]}


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return file.getvalue()


GOOD, BROKEN = [png()], [b"no image"] * IMAGES_TRIED
MIXED = [*BROKEN[1:], *GOOD]


def look(uri: object, **settings: Any) -> None:
    look_at_images(unchecked(ImagesSettings, uri=str(uri), **settings), TERMS)


def files(split: str, images: list[bytes], wnid: str = TENCH) -> dict[str, bytes]:
    return {f"{split}/{wnid}/{number:02d}.png": data for number, data in enumerate(images)}


def as_folders(root: Path, splits: Mapping[str, list[bytes]]) -> Path:
    for split, images in splits.items():
        for path, data in files(split, images).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
    return root


def as_tars(root: Path, splits: Mapping[str, list[bytes]]) -> Path:
    root.mkdir()
    for split, images in splits.items():
        members = {path.partition("/")[2]: data for path, data in files(split, images).items()}
        (root / f"{split}.tar").write_bytes(tar_of({"README": b"", **members}))
    return root


def as_class_tars(root: Path, splits: Mapping[str, list[bytes]]) -> Path:
    root.mkdir()
    for split, images in splits.items():
        inner = tar_of({path.rpartition("/")[2]: data for path, data in files("", images).items()})
        (root / f"{split}.tar").write_bytes(tar_of({f"{TENCH}.tar": inner}))
    return root


def as_parquet(root: Path, splits: Mapping[str, list[bytes]]) -> Path:
    root.mkdir()
    for split, images in splits.items():
        table = pa.table({"image": images, "label": ["tench"] * len(images)})
        pq.write_table(table, root / f"{split}-00000-of-00001.parquet")
    return root


LAYOUTS = pytest.mark.parametrize("laid", [as_folders, as_tars, as_class_tars, as_parquet])


@LAYOUTS
@pytest.mark.parametrize("images", [GOOD, MIXED])
def test_images_of_which_one_can_be_read_pass(
    tmp_path: Path, laid: Any, images: list[bytes]
) -> None:
    look(laid(tmp_path / "images", {"train": images, "val": images}))


@LAYOUTS
@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_whose_first_images_cannot_be_read_is_refused_by_an_images_name(
    tmp_path: Path, laid: Any, split: str
) -> None:
    folder = laid(tmp_path / "images", {"train": GOOD, "val": GOOD, split: BROKEN})
    with pytest.raises(
        ValueError,
        match=rf"images: none of the first 20 images of the split '{split}' can be read "
        rf"\({split}/{TENCH}/.*: it is none of JPEG, PNG",
    ):
        look(folder)


def test_what_no_layout_has_is_refused(tmp_path: Path) -> None:
    folder = as_folders(tmp_path, {"train": GOOD})
    (folder / "train" / TENCH / "deeper").mkdir()
    (folder / "train" / TENCH / "deeper" / "1.png").write_bytes(GOOD[0])
    with pytest.raises(ValueError, match=r"deeper/1\.png': images must lie as <split>/<wnid>/"):
        look(folder)


def test_a_broken_tar_and_a_split_that_is_not_used_are_refused(tmp_path: Path) -> None:
    folder = as_tars(tmp_path / "images", {"train": GOOD, "val": GOOD})
    (folder / "val.tar").write_bytes(b"no tar" * 999)
    with pytest.raises(ValueError, match=r"val\.tar is no readable tar"):
        look(folder)
    as_folders(tmp_path / "other", {"train": GOOD, "extra": GOOD})
    with pytest.raises(ValueError, match="is in the split 'extra', none of"):
        look(tmp_path / "other")


def test_classes_that_are_not_asked_for_are_not_opened(tmp_path: Path) -> None:
    folder = as_folders(tmp_path, {"train": BROKEN})
    look(folder, classes=(GOLDFISH,))
    with pytest.raises(ValueError, match="none of the first 20 images"):
        look(folder, unseen=(TENCH,), classes=(GOLDFISH,))


def test_flat_images_need_a_list_which_is_parsed(tmp_path: Path) -> None:
    flat = tar_of({f"{number:02d}.JPEG": data for number, data in enumerate(BROKEN)})
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "val.tar").write_bytes(flat)
    listed = tmp_path / "list.txt"
    listed.write_text(f"{TENCH}\n" * len(BROKEN))
    with pytest.raises(ValueError, match=r"the split 'val' can be read \(val/00\.JPEG"):
        look(tmp_path / "images", ground_truth_uri=str(listed))
    listed.write_text(f"{TENCH}\ntench\n")
    with pytest.raises(ValueError, match=r"list\.txt, line 2: 'tench' is no wnid"):
        look_at_list(unchecked(ImagesSettings, ground_truth_uri=str(listed)))
    look_at_list(unchecked(ImagesSettings))


def test_images_elsewhere_are_opened_where_they_lie(tmp_path: Path, s3: str) -> None:
    folder = as_tars(tmp_path / "images", {"train": GOOD, "val": BROKEN})
    for file in folder.iterdir():
        store.upload(file, f"{s3}/{file.name}")
    with pytest.raises(ValueError, match=re.escape(f"{s3}: none of the first 20 images")):
        look(s3)
    with serving(folder) as server:
        look(f"{server.url}/train.tar")
        with pytest.raises(ValueError, match="of the split 'val' can be read"):
            look(f"{server.url}/val.tar")


def test_the_labels_of_a_parquet_file_are_resolved(tmp_path: Path) -> None:
    table = pa.table({"image": GOOD, "label": ["shark"]})
    pq.write_table(table, tmp_path / "train.parquet")
    with pytest.raises(ValueError, match="shark"):
        look(tmp_path)
    listed = tmp_path / "list.txt"
    listed.write_text(f"{TENCH}\n")
    look(tmp_path, ground_truth_uri=str(listed))


def test_classes_are_those_of_folders_of_class_tars_and_of_folders_in_tars(tmp_path: Path) -> None:
    as_folders(tmp_path / "a", {"train": GOOD})
    as_tars(tmp_path / "b", {"train": GOOD})
    as_class_tars(tmp_path / "c", {"train": GOOD})
    for place in ("a", "b", "c"):
        assert class_names(unchecked(ImagesSettings, uri=str(tmp_path / place))) == {TENCH}
