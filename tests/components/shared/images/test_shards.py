import errno
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.shards import write_shard

from components.shared.images.index import read_classes, read_index, select
from components.shared.images.places import Place
from components.shared.images.shards import ImageStore, local_shard
from components.shared.storage.store import delete, upload


def frame_of(shard: Path, places: list[tuple[int, int]]) -> pd.DataFrame:
    rows = [{"shard": str(shard), "offset": start, "length": size} for start, size in places]
    return pd.DataFrame(rows)


def test_a_row_is_its_bytes_of_the_shard(tmp_path: Path) -> None:
    shard = write_shard(tmp_path, b"onetwothree")
    store = ImageStore(frame_of(shard, [(0, 3), (6, 5), (3, 3)]))
    assert len(store) == 3
    assert [store.read(row) for row in range(3)] == [b"one", b"three", b"two"]


def test_places_of_rows_are_in_local_files_that_are_checked(tmp_path: Path) -> None:
    one, two = write_shard(tmp_path, b"onetwo"), write_shard(tmp_path, b"three")
    frame = pd.concat([frame_of(one, [(0, 3), (3, 3)]), frame_of(two, [(0, 5)])])
    store = ImageStore(frame)
    assert store.places([2, 1]) == [Place(str(two), 0, 5), Place(str(one), 3, 3)]
    two.write_bytes(b"thrEE")
    with pytest.raises(ValueError, match=rf"{two.name} is damaged"):
        ImageStore(frame).places([0, 2])


def test_a_missing_shard_is_named_with_the_remedy(tmp_path: Path) -> None:
    store = ImageStore(frame_of(tmp_path / "gone.shard", [(0, 3)]))
    with pytest.raises(ValueError, match=r"gone\.shard is missing: give the 'python pipe"):
        store.read(0)


DAMAGE = {"cut": b"onetwothre", "empty": b"", "flipped": b"onetwothreE", "longer": b"onetwothree "}


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_shard_is_named_with_the_remedy(tmp_path: Path, damage: str) -> None:
    shard = write_shard(tmp_path, b"onetwothree")
    shard.write_bytes(DAMAGE[damage])
    store = ImageStore(frame_of(shard, [(0, 3)]))
    with pytest.raises(ValueError, match=rf"{shard.name} is damaged, .* delete it and give the"):
        store.read(0)


@pytest.fixture
def remote_shard(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A shard in object storage, and a cache of the test's own."""
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    shard = write_shard(tmp_path, b"onetwothree")
    upload(shard, f"{s3}/{shard.name}")
    return f"{s3}/{shard.name}"


def test_a_shard_elsewhere_is_fetched_once(remote_shard: str) -> None:
    copy = local_shard(remote_shard)
    assert copy.read_bytes() == b"onetwothree"
    delete(remote_shard)
    assert local_shard(remote_shard) == copy


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_shard_elsewhere_is_named(remote_shard: str, tmp_path: Path, damage: str) -> None:
    (tmp_path / "damaged").write_bytes(DAMAGE[damage])
    upload(tmp_path / "damaged", remote_shard)
    with pytest.raises(ValueError, match=rf"{remote_shard} is damaged"):
        local_shard(remote_shard)


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_copy_is_fetched_again(remote_shard: str, damage: str) -> None:
    copy = local_shard(remote_shard)
    copy.write_bytes(DAMAGE[damage])
    assert local_shard(remote_shard).read_bytes() == b"onetwothree"


def remote_shards(s3: str, folder: Path, count: int) -> pd.DataFrame:
    """Shards of a hundred bytes in object storage, one image each."""
    files = [write_shard(folder, bytes([number]) * 100) for number in range(count)]
    for file in files:
        upload(file, f"{s3}/{file.name}")
    rows = [{"shard": f"{s3}/{file.name}", "offset": 0, "length": 100} for file in files]
    return pd.DataFrame(rows)


def held(cache: Path) -> int:
    return sum(file.stat().st_size for file in cache.glob("*.shard"))


def test_more_shards_than_the_cache_holds_are_read_within_its_bound(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEVISE_CACHE_BYTES", "350")
    store = ImageStore(remote_shards(s3, tmp_path, 5))
    for row in (0, 1, 2, 3, 4, 0, 1, 4):
        assert store.read(row) == bytes([row]) * 100
        assert held(tmp_path / "cache") <= 350


def read_at_random(frame: pd.DataFrame, seed: int) -> list[int]:
    """The first byte of some images, read in two threads."""
    store = ImageStore(frame)
    rows = np.random.default_rng(seed).integers(0, len(frame), 16)
    with ThreadPoolExecutor(2) as pool:
        data = list(pool.map(store.read, rows.tolist()))
    return [int(row) - image[0] for row, image in zip(rows, data, strict=True)]


def test_threads_of_several_processes_share_a_cache(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEVISE_CACHE_BYTES", "350")
    frame = remote_shards(s3, tmp_path, 6)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        other = pool.submit(read_at_random, frame, 0)
        while not other.done():
            assert read_at_random(frame, 1) == [0] * 16
        assert other.result() == [0] * 16
    assert held(tmp_path / "cache") <= 350


def test_a_shard_in_a_store_whose_name_looks_like_a_pattern_is_fetched(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    frame = remote_shards(f"{s3}/run[1]", tmp_path, 1)
    assert len(ImageStore(frame).read(0)) == 100


def test_a_shard_whose_copy_never_stays_is_told(
    remote_shard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.shared.images.shards.store.download", lambda *_: None)
    with pytest.raises(ValueError, match="is removed for others again and again: give the stage a"):
        local_shard(remote_shard)


def test_a_full_disk_is_told(remote_shard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("components.shared.storage.store.shutil.copyfileobj", fill)
    with pytest.raises(ValueError, match=r"disk of .*cache is full: give the stage"):
        local_shard(remote_shard)


def test_rows_are_selected_by_split_and_by_whether_the_class_is_seen() -> None:
    rows = [("train", True), ("test", True), ("test", False), ("test", True)]
    frame = pd.DataFrame(rows, columns=["split", "seen"]).assign(path=list("abcd"))
    chosen = select(frame, split="test", seen=True)
    assert chosen["path"].tolist() == ["b", "d"]
    assert chosen.index.tolist() == [0, 1]


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="no split 'val'"):
        select(pd.DataFrame(columns=["split", "seen"]), split="val", seen=True)


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"index\.parquet is missing: give the output folder"):
        read_index(tmp_path)


def test_an_index_without_a_column_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"wnid": ["n1"], "seen": [True]}).to_parquet(tmp_path / "classes.parquet")
    with pytest.raises(ValueError, match=r"classes\.parquet has no column 'train'"):
        read_classes(tmp_path)
