from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from support.dying_store import DyingStore, Killed
from support.settings import changed, unchecked

from components.pack_images.packing import pack_images
from components.shared.settings.images import ImagesSettings
from components.shared.storage.checkpoint import CheckpointStore

FILES = ("index.parquet", "classes.parquet", "images.json")
SHARDS = 10


def jpeg(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 10, 3), np.uint8)
    return bytes(simplejpeg.encode_jpeg(pixels, 90))


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.pack_images.packing.MEGABYTE", 5000)


@pytest.fixture(name="config")
def config_of_a_source_with_flaws(tmp_path: Path) -> ImagesSettings:
    """Three classes, one of them unseen, with unreadable images and duplicates in every part."""
    for number in range(3 * 2 * 10):
        split = ("train", "val")[number % 2]
        file = tmp_path / "images" / split / f"n{number // 20 + 1}" / f"{number:03}.JPEG"
        file.parent.mkdir(parents=True, exist_ok=True)
        broken, twin = number % 10 in (4, 9), split == "val" and number % 6 == 1
        file.write_bytes(b"broken" if broken else jpeg(number % 8 * 2 if twin else number))
    return unchecked(
        ImagesSettings,
        uri=str(tmp_path / "images"),
        unseen=["n3"],
        validation_share=0.3,
        store_uri=str(tmp_path / "store"),
        short_side=16,
        shard_megabytes=1,
        leave_out_duplicates=True,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def dying_after(shards: int) -> Callable[[object], bool]:
    """Accepts the save of the last of so many shards."""
    saves = iter(range(1, shards + 1))
    return lambda _: next(saves) == shards


@pytest.mark.parametrize("shards", range(1, SHARDS + 1))
def test_killed_after_any_shard_it_makes_the_same_index_and_the_same_shards(
    config: ImagesSettings, tmp_path: Path, shards: int
) -> None:
    pack_images(config, tmp_path / "index")
    undisturbed, store = contents(tmp_path / "index"), contents(tmp_path / "store")
    assert len(store) == SHARDS
    state = str(tmp_path / "state")
    for file in (tmp_path / "store").iterdir():
        file.unlink()
    with pytest.raises(Killed):
        pack_images(config, tmp_path / "again", checkpoints=DyingStore(state, dying_after(shards)))
    assert len(contents(tmp_path / "store")) == shards
    pack_images(config, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed
    assert contents(tmp_path / "store") == store


def test_images_of_finished_shards_are_not_read_again(
    config: ImagesSettings, tmp_path: Path
) -> None:
    pack_images(config, tmp_path / "index")
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        pack_images(config, tmp_path / "again", checkpoints=DyingStore(state, dying_after(4)))
    loaded = CheckpointStore(state).load("shard_000003")
    assert loaded is not None
    done = loaded[1]["done"]
    read = sorted((tmp_path / "images" / "train").glob("n[12]/*"))[:done]
    assert len(read) > 10
    for file in read:
        file.write_bytes(b"changed since")
    pack_images(config, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == contents(tmp_path / "index")


@pytest.mark.parametrize("damage", ["gone", "cut", "checkpoint"])
def test_from_a_shard_that_is_gone_or_damaged_on_the_images_are_packed_again(
    config: ImagesSettings, tmp_path: Path, damage: str
) -> None:
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    pack_images(config, tmp_path / "index", checkpoints=checkpoints)
    store = contents(tmp_path / "store")
    loaded = checkpoints.load("shard_000005")
    assert loaded is not None
    shard = Path(loaded[1]["shard"])
    if damage == "gone":
        shard.unlink()
    elif damage == "cut":
        shard.write_bytes(shard.read_bytes()[:-1])
    else:
        (tmp_path / "state" / "shard_000005.safetensors").write_bytes(b"")
    pack_images(config, tmp_path / "again", checkpoints=checkpoints)
    assert contents(tmp_path / "again") == contents(tmp_path / "index")
    assert contents(tmp_path / "store") == store


def test_checkpoints_of_other_borders_behind_a_shard_that_was_made_anew_do_not_count(
    config: ImagesSettings, tmp_path: Path
) -> None:
    pack_images(config, tmp_path / "index")
    state = str(tmp_path / "state")
    larger = changed(config, shard_megabytes=3, store_uri=str(tmp_path / "larger"))
    pack_images(larger, tmp_path / "larger index", checkpoints=CheckpointStore(state))
    (tmp_path / "state" / "shard_000000.safetensors").unlink()
    with pytest.raises(Killed):
        pack_images(config, tmp_path / "again", checkpoints=DyingStore(state, dying_after(1)))
    pack_images(config, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == contents(tmp_path / "index")
