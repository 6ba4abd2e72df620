import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from components.pack_images.shards import ShardWriter
from components.shared.storage import store


class Kept:
    """What the writer says that it put into the store."""

    def __init__(self) -> None:
        self.shards: list[str] = []
        self.rows: list[dict[str, Any]] = []

    def __call__(self, shard: str, rows: Sequence[dict[str, Any]]) -> None:
        self.shards.append(shard)
        self.rows += [{"shard": shard, **row} for row in rows]


def packed(uri: str, size: int, *images: bytes) -> tuple[list[str], list[dict[str, Any]]]:
    kept = Kept()
    with ShardWriter(uri, size, kept) as writer:
        for number, data in enumerate(images):
            writer.add(data, {"path": str(number)})
    return kept.shards, kept.rows


def named(uri: str, content: bytes) -> str:
    return f"{uri}/{hashlib.sha256(content).hexdigest()}.shard"


def test_images_lie_one_after_another_in_a_file_named_by_its_content(tmp_path: Path) -> None:
    uri = str(tmp_path)
    shards, rows = packed(uri, 100, b"abc", b"de")
    assert shards == [named(uri, b"abcde")]
    assert Path(shards[0]).read_bytes() == b"abcde"
    checksums = [hashlib.sha256(data).hexdigest()[:32] for data in (b"abc", b"de")]
    places = [(0, 3, checksums[0]), (3, 2, checksums[1])]
    assert rows == [
        {"shard": shards[0], "path": path, "offset": start, "length": length, "checksum": checksum}
        for path, (start, length, checksum) in zip("01", places, strict=True)
    ]


def test_a_shard_ends_before_it_would_be_too_large(tmp_path: Path) -> None:
    uri = str(tmp_path)
    shards, rows = packed(uri, 5, b"abc", b"de", b"f", b"larger than any", b"g")
    contents = (b"abcde", b"f", b"larger than any", b"g")
    assert shards == [named(uri, content) for content in contents]
    assert [(row["shard"], row["offset"]) for row in rows] == [
        (shards[0], 0),
        (shards[0], 3),
        (shards[1], 0),
        (shards[2], 0),
        (shards[3], 0),
    ]


def test_a_shard_can_be_closed_before_it_is_full_and_none_is_empty(tmp_path: Path) -> None:
    kept = Kept()
    with ShardWriter(str(tmp_path), 100, kept) as writer:
        writer.close_shard()
        writer.add(b"abc", {})
        writer.close_shard()
        writer.add(b"de", {})
        assert [row["length"] for row in kept.rows] == [3]
    assert kept.shards == [named(str(tmp_path), content) for content in (b"abc", b"de")]


def test_without_images_there_is_no_shard(tmp_path: Path) -> None:
    assert packed(str(tmp_path), 100) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_a_shard_that_is_there_is_never_written_again(tmp_path: Path) -> None:
    (shard,), _ = packed(str(tmp_path), 100, b"abc")
    before = Path(shard).stat().st_ino
    assert packed(str(tmp_path), 100, b"abc")[0] == [shard]
    assert Path(shard).stat().st_ino == before


def test_a_damaged_shard_is_replaced(tmp_path: Path) -> None:
    Path(named(str(tmp_path), b"abc")).write_bytes(b"abx")
    (shard,), _ = packed(str(tmp_path), 100, b"abc")
    assert Path(shard).read_bytes() == b"abc"


def test_a_shard_that_a_failure_broke_off_is_not_put_into_the_store(tmp_path: Path) -> None:
    kept = Kept()
    with suppress(RuntimeError), ShardWriter(str(tmp_path), 100, kept) as writer:
        writer.add(b"abc", {})
        raise RuntimeError
    assert (kept.rows, kept.shards, list(tmp_path.iterdir())) == ([], [], [])


def test_shards_go_to_object_storage(s3: str) -> None:
    (shard,), _ = packed(f"{s3}/shards", 100, b"abc", b"de")
    assert shard == named(f"{s3}/shards", b"abcde")
    with store.open_read(shard) as stream:
        assert stream.read() == b"abcde"
