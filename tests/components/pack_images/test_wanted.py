from typing import Any

import pytest
from support.settings import unchecked

from components.pack_images.listing import Source
from components.pack_images.wanted import Wanted
from components.shared.settings.images import ImagesSettings


def wanted(taught: tuple[str, ...] = (), **settings: Any) -> Wanted:
    given = {"zero_shot_splits": ["val", "fall11"], "unseen": ["n3"], **settings}
    return Wanted(unchecked(ImagesSettings, **given), taught)


def part(path: str, **settings: Any) -> str:
    return wanted(**settings).part(Source(path, path))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train/n1/a", "train"),
        ("train/n3/a", ""),
        ("val/n3/a", "test"),
        ("fall11/n3/a", "test"),
        ("fall11/n9/a", "test"),
        ("extra/n1/a", ""),
        ("val/a", "held out"),
        ("train/a", "train"),
    ],
)
def test_an_image_is_packed_for_the_part_that_it_may_be_in(path: str, expected: str) -> None:
    assert part(path) == expected


def test_held_out_images_go_to_the_part_that_their_path_gives() -> None:
    parts = {part(f"val/n1/{number}", validation_share=0.5) for number in range(20)}
    assert parts == {"validation", "test"}


def test_of_a_class_that_is_trained_on_none_is_packed_for_zero_shot_tests() -> None:
    assert part("fall11/n9/a", taught=("n9",)) == ""


def test_only_the_classes_named_are_packed() -> None:
    found = [part(f"val/{wnid}/a", classes=["n1"]) for wnid in ("n1", "n2", "n3")]
    assert [bool(one) for one in found] == [True, False, True]


def test_the_first_by_path_are_among_those_of_any_order() -> None:
    first = wanted(per_class=2)
    taken = [p for p in "dbacef" if first.part(Source(f"train/n1/{p}", p))]
    assert taken == ["d", "b", "a"]
    assert first.part(Source("train/n2/z", "z"))
    assert not first.part(Source("train/n1/c", "c"))
    assert [bool(first.part(Source(f"val/n3/{p}", p))) for p in "abc"] == [True, True, False]
    first.forget()
    assert first.part(Source("train/n1/c", "c"))


def test_a_limit_for_zero_shot_images_packs_no_fewer_of_other_classes() -> None:
    few = wanted(zero_shot_per_class=1)
    paths = ("train/n1", "val/n1", "val/n3", "fall11/n3", "fall11/n9")
    taken = {path: [bool(few.part(Source(f"{path}/{n}", f"{path}/{n}"))) for n in "ab"]
             for path in paths}  # fmt: skip
    assert taken == {path: [True, path in ("train/n1", "val/n1")] for path in paths}
