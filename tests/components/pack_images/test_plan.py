from pathlib import Path

import pytest
from support.settings import changed
from support.tars import tar_of
from support.world_of_images import (
    BY_NATURE,
    LAYOUTS,
    SEEN,
    UNSEEN,
    images_with_flaws,
    settings_of,
)

from components.pack_images.plan import Plan, Tar, blocks_of, plan_of
from components.shared.settings.images import ImagesSettings


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.pack_images.shards.MEGABYTE", 20_000)


def planned(folder: Path, layout: str) -> tuple[ImagesSettings, Plan]:
    LAYOUTS[layout](folder / "images", images_with_flaws())
    config = settings_of(folder)
    return config, plan_of(config)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([3, 3, 3, 3], [[0, 1, 2], [3]]),
        ([20, 1, 9, 1], [[0], [1, 2], [3]]),
        ([1, 20, 1], [[0], [1], [2]]),
    ],
)
def test_a_block_is_as_large_as_a_shard_or_has_one_piece(
    sizes: list[int], expected: list[list[int]]
) -> None:
    pieces = [((), size) for size in sizes]
    found = list(blocks_of(pieces, 10))
    assert [len(block) for block in found] == [len(block) for block in expected]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_do_not_depend_on_the_part(tmp_path: Path, layout: str) -> None:
    config, plan = planned(tmp_path, layout)
    assert len(plan.blocks) > 2
    assert plan_of(changed(config, part=2, parts=7)).blocks == plan.blocks


def test_class_tars_of_a_tar_are_pieces_of_their_own(tmp_path: Path) -> None:
    _, plan = planned(tmp_path, "tars of class tars")
    pieces = [piece for block in plan.blocks for piece in block]
    names = [piece.inside for piece in pieces if isinstance(piece, Tar)]
    assert names == [f"{w}.tar" for w in (SEEN[0], UNSEEN, BY_NATURE, *(*SEEN, UNSEEN) * 2)]
    assert set(plan.facts.wnids) == {*SEEN, UNSEEN, BY_NATURE}


def test_a_class_tar_is_read_where_it_lies(tmp_path: Path) -> None:
    inner = tar_of({"a.JPEG": b"a"})
    (tmp_path / "images").mkdir()
    file = tmp_path / "images/train.tar"
    file.write_bytes(tar_of({"train/n00000001.tar": inner, "README": b"", "train/n1/b": b"b"}))
    plan = plan_of(settings_of(tmp_path))
    tar, image = plan.blocks[0]
    assert isinstance(tar, Tar)
    assert file.read_bytes()[tar.start : tar.end] == inner
    assert not isinstance(image, Tar | tuple)
    assert (image.path, image.read()) == ("train/n1/b", b"b")
    assert plan.facts.ignored == ["README"]


@pytest.mark.parametrize("layout", ["folders", "class tars", "tars of class tars", "parquet"])
def test_names_tell_which_classes_are_taught(tmp_path: Path, layout: str) -> None:
    assert planned(tmp_path, layout)[1].taught == {*SEEN, UNSEEN}


def test_class_folders_in_a_tar_tell_nothing_before_they_are_read(tmp_path: Path) -> None:
    assert not planned(tmp_path, "split tars")[1].taught
