"""The zero-shot sets that are computed from the hierarchy."""

from pathlib import Path

import pytest

from components.map_synsets.zero_shot_sets import read_zero_shot_sets

# dog - canine - wolf - cub, and canine joined to fox by a node without terms
EDGES = [
    ("canine", "dog"),
    ("canine", "wolf"),
    ("wolf", "cub"),
    ("bridge", "canine"),
    ("bridge", "fox"),
    ("dog", "puppy"),
    ("dog", "nameless"),
]
LABELS = {"canine", "dog", "wolf", "cub", "fox", "puppy", "rock"}


UNSEEN = ["canine", "puppy", "wolf"]


def read(*specifications: str, seen: tuple[str, ...] = ("dog",)) -> dict[str, list[str]]:
    unseen = [wnid for wnid in UNSEEN if wnid not in seen]
    return read_zero_shot_sets(specifications, seen, unseen, LABELS, EDGES)


def test_the_first_hop_is_the_seen_label_itself_as_in_the_published_lists() -> None:
    assert read("2-hop") == {"2-hop": ["canine", "puppy"]}
    assert read("3-hop") == {"3-hop": ["canine", "puppy", "wolf"]}


def test_nodes_without_terms_are_hopped_over_and_never_members() -> None:
    assert read("3-hop", seen=("canine",)) == {"3-hop": ["cub", "dog", "fox", "puppy", "wolf"]}


def test_all_is_every_label_of_the_hierarchy_that_is_not_seen() -> None:
    assert read("all") == {"all": ["canine", "cub", "fox", "puppy", "wolf"]}


def test_no_set_holds_a_seen_label() -> None:
    sets = read("2-hop", "3-hop", "all", seen=("dog", "canine"))
    assert sets["2-hop"] == ["puppy", "wolf"]
    assert not {"dog", "canine"} & {wnid for members in sets.values() for wnid in members}


def test_sets_of_all_kinds_come_in_the_order_asked_for(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("rock\n")
    sets = read("3-hop", "unseen", f"own={tmp_path / 'own.txt'}", "2-hop")
    assert list(sets) == ["3-hop", "unseen", "own", "2-hop"]
    assert (sets["unseen"], sets["own"]) == (UNSEEN, ["rock"])


@pytest.mark.parametrize("turned", [False, True])
def test_a_list_named_all_bounds_the_hop_sets_wherever_it_stands(
    tmp_path: Path, turned: bool
) -> None:
    (tmp_path / "all.txt").write_text("puppy\nwolf\nrock\n")
    names = ["3-hop", f"all={tmp_path / 'all.txt'}"]
    sets = read(*(names[::-1] if turned else names))
    assert sets == {"3-hop": ["puppy", "wolf"], "all": ["puppy", "rock", "wolf"]}


def test_a_list_of_ones_own_may_have_the_name_of_a_computed_set(tmp_path: Path) -> None:
    (tmp_path / "hops.txt").write_text("rock\n")
    assert read(f"2-hop={tmp_path / 'hops.txt'}") == {"2-hop": ["rock"]}


def test_the_number_of_members_with_images_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    read("all")
    assert "set all: 5 labels of the hierarchy, 3 of them with images" in capsys.readouterr().out


def test_training_classes_outside_the_hierarchy_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert read("2-hop", seen=("dog", "rock"))["2-hop"] == ["canine", "puppy"]
    assert "1 training classes outside the hierarchy: ['rock']" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("specifications", "seen", "message"),
    [
        (["2-hop"], ("rock",), "no training class is in the hierarchy"),
        (["2-hop"], ("fox",), "no class of images_unseen is among the 0 labels of '2-hop'"),
        (["2-hop"], ("wolf", "puppy", "canine"), "is among the 2 labels of '2-hop'"),
        (["4-hop"], ("dog",), "'4-hop' has no list of wnids; write 4-hop=URI"),
        (["2-hop="], ("dog",), "'2-hop' has no address"),
        (["2-hop", "2-hop"], ("dog",), "'2-hop' is taken already"),
    ],
)
def test_a_set_that_cannot_be_computed_is_refused(
    specifications: list[str], seen: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(*specifications, seen=seen)


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
