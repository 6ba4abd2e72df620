from pathlib import Path

import pytest
from support.settings import changed
from support.world_of_images import LAYOUTS, images_with_flaws, jpeg, settings_of

from components.pack_images.packing import ensure_shards, pack_part
from components.shared.images.parts import read_facts, read_parts
from components.shared.settings.images import ImagesSettings


@pytest.fixture(name="config")
def config_of_a_source_with_flaws(tmp_path: Path) -> ImagesSettings:
    LAYOUTS["folders"](tmp_path / "images", images_with_flaws())
    return settings_of(tmp_path)


def test_a_part_says_what_it_found_and_packed(config: ImagesSettings, tmp_path: Path) -> None:
    counts = pack_part(config, tmp_path / "part")
    rows, facts = read_parts([tmp_path / "part"])
    shards, reasons = (rows[name].to_pylist() for name in ("shard", "reason"))
    assert counts["images"] == len(rows) == 69
    assert counts["unreadable"] == sum(bool(reason) for reason in reasons)
    # Not: training images of the unseen class, and of a seen one those for zero-shot tests.
    assert counts["packed"] == sum(bool(shard) for shard in shards)
    assert counts["packed"] + counts["unreadable"] == 69 - 10 - 3
    assert counts["shards"] == len(facts.shards) == len(set(shards) - {""})
    assert counts["megabytes"] == sum(rows["length"].to_pylist()) / 1e6


def test_what_names_tell_is_said_by_one_part(config: ImagesSettings, tmp_path: Path) -> None:
    (tmp_path / "images/README.md").write_bytes(b"")
    ignored = []
    for number in range(3):
        pack_part(changed(config, part=number, parts=3), tmp_path / f"{number}")
        ignored.append(read_facts(tmp_path / f"{number}").ignored)
    assert ignored == [["README.md"], [], []]


def test_a_part_without_a_block_is_empty(config: ImagesSettings, tmp_path: Path) -> None:
    assert not any(pack_part(changed(config, part=6, parts=7), tmp_path / "part").values())
    assert len(read_parts([tmp_path / "part"])[0]) == 0


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "flipped"])
def test_a_shard_that_is_gone_or_damaged_is_packed_again(
    config: ImagesSettings, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pack_part(config, tmp_path / "part")
    shard = next((tmp_path / "store").iterdir())
    content = shard.read_bytes()
    shard.unlink()
    flipped = bytes([content[0] ^ 1]) + content[1:]
    if damage != "gone":
        shard.write_bytes({"cut": content[:-1], "empty": b"", "flipped": flipped}[damage])
    ensure_shards(config, tmp_path / "part")
    assert shard.read_bytes() == content
    assert "shards are gone or damaged: packing" in capsys.readouterr().out


def test_a_shard_of_a_source_that_changed_cannot_be_packed_again(
    config: ImagesSettings, tmp_path: Path
) -> None:
    pack_part(config, tmp_path / "part")
    (Path(config.uri) / "train/n00000001/000.JPEG").write_bytes(jpeg(99))
    for shard in (tmp_path / "store").iterdir():
        shard.unlink()
    with pytest.raises(ValueError, match=r"cannot be made again, because .*images has changed"):
        ensure_shards(config, tmp_path / "part")


def test_a_store_must_be_named(config: ImagesSettings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="images_store_uri is empty: name the folder"):
        pack_part(changed(config, store_uri=""), tmp_path / "part")


def test_a_disk_without_room_for_what_is_under_way_is_refused(
    config: ImagesSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.pack_images.shards.MEGABYTE", 1 << 60)
    with pytest.raises(ValueError, match=r"MB free, and packing may need .*: give pack_images"):
        pack_part(config, tmp_path / "part")
