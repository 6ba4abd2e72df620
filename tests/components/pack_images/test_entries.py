from collections.abc import Iterator
from pathlib import Path
from tarfile import TarInfo

import pytest
from support.settings import unchecked
from support.tars import tar_of

from components.pack_images.entries import START, Entry, Place, entries_of
from components.pack_images.items import Asked
from components.pack_images.plan import Tar, plan_of
from components.pack_images.sources import item_of
from components.pack_images.wanted import Wanted
from components.shared.images.limits import MILLION, BadImage
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store

MEMBERS = {f"n0000000{n % 3}/{n}.JPEG": bytes([n]) * 700 for n in range(9)}


def of_tar(
    file: str, most: int = MILLION, start: Place = START, ground_truth_uri: str = ""
) -> list[Entry]:
    config = unchecked(ImagesSettings, ground_truth_uri=ground_truth_uri)
    asked = Asked(("train", "val"), config.ground_truth_uri)
    folder = file.rpartition("/")[0]
    return list(entries_of([Tar(item_of(folder, file))], asked, Wanted(config), most, start))


def images(entries: list[Entry]) -> Iterator[tuple[str, bytes]]:
    for entry in entries:
        if entry.source:
            yield entry.source.path, entry.read() if entry.read else b""


EXPECTED = {f"train/{path}": data for path, data in MEMBERS.items()}


def test_images_of_a_tar_come_as_they_lie_with_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "train.tar").write_bytes(tar_of(MEMBERS))
    assert dict(images(of_tar(f"{tmp_path}/train.tar"))) == EXPECTED


def test_reading_begins_again_where_a_step_ended(tmp_path: Path, s3: str) -> None:
    (tmp_path / "train.tar").write_bytes(tar_of(MEMBERS))
    store.upload(tmp_path / "train.tar", f"{s3}/train.tar")
    for file in (f"{tmp_path}/train.tar", f"{s3}/train.tar"):
        entries = of_tar(file, most=1500)
        ends = [number for number, entry in enumerate(entries) if entry.after]
        assert ends == [2, 5, 8]
        for number in ends:
            place = entries[number].after
            assert place is not None
            assert place.has_folders
            rest = list(images(of_tar(file, 1500, place)))
            assert rest == list(images(entries[number + 1 :]))


@pytest.mark.parametrize("most", [100, MILLION])
def test_whether_what_lies_at_the_top_is_an_image_the_whole_tar_tells(
    tmp_path: Path, most: int
) -> None:
    file = f"{tmp_path}/val.tar"
    Path(file).write_bytes(tar_of({"a.jpg": b"a" * 99, "b.txt": b"", "n00000001/c.jpg": b"c"}))
    entries = of_tar(file, most, ground_truth_uri="list")
    assert dict(images(entries)) == {"val/a.jpg": b"a" * 99, "val/n00000001/c.jpg": b"c"}
    assert entries[-1].facts
    assert entries[-1].facts.with_folders == [file]
    Path(file).write_bytes(tar_of({"a.jpg": b"a" * 99, "b.txt": b""}))
    entries = of_tar(file, most, ground_truth_uri="list")
    assert entries[-1].facts
    assert entries[-1].facts.with_folders == []
    assert entries[-1].facts.origins["val"][0] == f"unlabelled {file}"


def test_an_image_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "train.tar"
    info = TarInfo("n00000001/a.JPEG")
    info.size = 401 * MILLION
    with file.open("wb") as stream:
        stream.write(info.tobuf())
        stream.truncate(512 + -(-info.size // 512) * 512 + 1024)
    (entry, _) = of_tar(str(file))
    assert entry.read
    assert entry.held == 0
    with pytest.raises(BadImage, match="more than 400 million bytes"):
        entry.read()


def test_what_is_not_wanted_is_listed_and_not_read(tmp_path: Path) -> None:
    for path in ("train/n1/a.jpg", "train/n2/b.jpg"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"x")
    config = unchecked(ImagesSettings, uri=str(tmp_path), classes=["n1"])
    plan = plan_of(config)
    entries = list(entries_of(plan.blocks[0], plan.asked, Wanted(config), MILLION))
    assert [(bool(entry.read), entry.part) for entry in entries] == [(True, "train"), (False, "")]


def test_a_file_counts_as_held_while_it_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "train/n00000001"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.JPEG").write_bytes(bytes(100 * number + 1))
    (tmp_path / "train/n00000002.tar").write_bytes(tar_of({"a.JPEG": bytes(50)}))
    config = unchecked(ImagesSettings, uri=str(tmp_path))
    plan = plan_of(config)
    (block,) = plan.blocks
    entries = [e for e in entries_of(block, plan.asked, Wanted(config), MILLION) if e.source]
    assert [entry.held for entry in entries] == [1, 101, 201, 50]
    unwanted = Wanted(unchecked(ImagesSettings, uri=str(tmp_path), classes=["n00000009"]))
    assert not any(entry.held for entry in entries_of(block, plan.asked, unwanted, MILLION))
