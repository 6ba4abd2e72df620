"""The zero-shot sets that are computed from the hierarchy."""

from pathlib import Path

import pytest

from components.map_synsets.hop_sets import hop_set
from components.map_synsets.zero_shot_sets import read_zero_shot_sets
from components.shared.ranking.hierarchy import build_hierarchy

# dog - canine - wolf - cub, and canine joined to fox by a node without terms
HIERARCHY = build_hierarchy(
    [
        ("canine", "dog"),
        ("canine", "wolf"),
        ("wolf", "cub"),
        ("bridge", "canine"),
        ("bridge", "fox"),
        ("dog", "puppy"),
        ("dog", "nameless"),
    ]
)
LABELS = {"canine", "dog", "wolf", "cub", "fox", "puppy", "rock"}


def members(name: str, *seen: str) -> list[str]:
    return hop_set(name, HIERARCHY, seen, LABELS)


def test_the_first_hop_is_the_seen_label_itself_as_in_the_published_lists() -> None:
    assert members("2-hop", "dog") == ["canine", "puppy"]
    assert members("3-hop", "dog") == ["canine", "puppy", "wolf"]


def test_nodes_without_terms_are_hopped_over_and_never_members() -> None:
    assert members("3-hop", "canine") == ["cub", "dog", "fox", "puppy", "wolf"]


def test_all_is_every_label_of_the_hierarchy_that_is_not_seen() -> None:
    assert members("all", "dog") == ["canine", "cub", "fox", "puppy", "wolf"]


def test_hops_are_counted_from_the_nearest_seen_label() -> None:
    assert members("2-hop", "dog", "cub") == ["canine", "puppy", "wolf"]
    assert members("3-hop", "fox") == ["canine"]


def test_no_set_holds_a_seen_label() -> None:
    assert members("2-hop", "dog", "canine") == ["puppy", "wolf"]
    for name in ("2-hop", "3-hop", "all"):
        assert not {"dog", "canine"} & set(members(name, "dog", "canine"))


def test_a_seen_label_outside_the_hierarchy_has_no_neighbours() -> None:
    assert members("2-hop", "dog", "rock") == members("2-hop", "dog")
    assert members("3-hop", "rock") == []


def test_only_what_may_be_a_member_is_one() -> None:
    assert hop_set("3-hop", HIERARCHY, ["dog"], {"wolf", "cub", "rock"}) == ["wolf"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "file", "size", "shared", "of_21k"),
    [
        ("2-hop", "2-hops.txt", 1_646, 1_548, 0),
        ("3-hop", "3-hops.txt", 8_370, 7_817, 7),
        ("all", "all.txt", 31_295, 20_813, 0),
    ],
)
def test_sets_over_the_released_graph_hold_the_published_lists(
    shared_data: Path, name: str, file: str, size: int, shared: int, of_21k: int
) -> None:
    folder = shared_data / "taxonomy"
    seen = (folder / "1k.txt").read_text().split()
    published, in_21k = (set((folder / f).read_text().split()) for f in (file, "all.txt"))
    known = {line.split("\t")[0] for line in (folder / "words.txt").read_text().splitlines()}
    pairs = [line.split() for line in (folder / "imagenet.structure.txt").read_text().splitlines()]
    edges = [(a, b) for a, b in pairs]
    members = set(read_zero_shot_sets([name], seen, published, known, edges)[name])
    assert (len(members), len(members & published)) == (size, shared)
    assert len(members & in_21k - published) == of_21k
    if name != "all":
        names = [name, f"all={folder / 'all.txt'}"]
        bounded = read_zero_shot_sets(names, seen, published, known, edges)
        assert set(bounded[name]) == members & in_21k
