import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.dying_store import DyingStore, Killed
from support.images import packed_index
from support.settings import changed
from support.world_of_images import LAYOUTS, images_with_flaws, settings_of

from components.pack_images.listing import Source
from components.pack_images.plan import plan_of
from components.shared.settings.images import ImagesSettings
from components.shared.storage.checkpoint import CheckpointStore

STEPS = {"folders": 5, "split tars": 5}


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.pack_images.shards.MEGABYTE", 15_000)


@pytest.fixture(name="config")
def config_of_a_source_with_flaws(tmp_path: Path) -> ImagesSettings:
    LAYOUTS["folders"](tmp_path / "images", images_with_flaws())
    return settings_of(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def dying_after(steps: int) -> Callable[[object], bool]:
    """Accepts the save of the last of so many steps."""
    saves = iter(range(1, steps + 1))
    return lambda _: next(saves) == steps


@pytest.mark.parametrize(
    ("layout", "steps"), [(layout, n) for layout, most in STEPS.items() for n in range(1, most + 1)]
)
def test_killed_after_any_step_it_makes_the_same_index_and_the_same_shards(
    tmp_path: Path, layout: str, steps: int
) -> None:
    LAYOUTS[layout](tmp_path / "images", images_with_flaws())
    config, state = settings_of(tmp_path), str(tmp_path / "state")
    with pytest.raises(Killed):
        packed_index(config, tmp_path / "index", checkpoints=DyingStore(state, dying_after(steps)))
    packed_index(config, tmp_path / "index", checkpoints=CheckpointStore(state))
    assert len(list((tmp_path / "state").iterdir())) == STEPS[layout]
    undisturbed = changed(config, store_uri=str(tmp_path / "undisturbed"))
    packed_index(undisturbed, tmp_path / "other")
    assert contents(tmp_path / "store") == contents(tmp_path / "undisturbed")
    facts = [json.loads((tmp_path / n / "images.json").read_text()) for n in ("index", "other")]
    names = [[uri.rpartition("/")[2] for uri in one.pop("shards")] for one in facts]
    assert names[0] == names[1]
    assert facts[0] | {"store_uri": ""} == facts[1] | {"store_uri": ""}


def test_images_of_finished_steps_are_not_read_again(
    config: ImagesSettings, tmp_path: Path
) -> None:
    packed_index(config, tmp_path / "index")
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        packed_index(config, tmp_path / "again", checkpoints=DyingStore(state, dying_after(2)))
    for block in plan_of(config).blocks[:2]:
        for piece in block:
            assert isinstance(piece, Source)
            Path(piece.uri).write_bytes(b"x" * Path(piece.uri).stat().st_size)
    packed_index(config, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == contents(tmp_path / "index")


@pytest.mark.parametrize("damage", ["gone", "cut", "checkpoint"])
def test_a_step_whose_shard_is_gone_or_damaged_is_packed_again(
    config: ImagesSettings, tmp_path: Path, damage: str
) -> None:
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    packed_index(config, tmp_path / "index", checkpoints=checkpoints)
    store = contents(tmp_path / "store")
    loaded = checkpoints.load("block_000002_000000")
    assert loaded is not None
    shard = Path(loaded[1]["facts"]["shards"][0])
    if damage == "gone":
        shard.unlink()
    elif damage == "cut":
        shard.write_bytes(shard.read_bytes()[:-1])
    else:
        (tmp_path / "state" / "block_000002_000000.safetensors").write_bytes(b"")
    packed_index(config, tmp_path / "again", checkpoints=checkpoints)
    assert contents(tmp_path / "again") == contents(tmp_path / "index")
    assert contents(tmp_path / "store") == store


def test_checkpoints_of_other_borders_do_not_count(config: ImagesSettings, tmp_path: Path) -> None:
    packed_index(config, tmp_path / "index")
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    larger = changed(config, shard_megabytes=3, store_uri=str(tmp_path / "larger"))
    packed_index(larger, tmp_path / "larger index", checkpoints=checkpoints)
    packed_index(config, tmp_path / "again", checkpoints=checkpoints)
    assert contents(tmp_path / "again") == contents(tmp_path / "index")
