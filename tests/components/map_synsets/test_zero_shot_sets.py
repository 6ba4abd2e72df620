from collections.abc import Sequence
from pathlib import Path

import pytest

from components.map_synsets.zero_shot_sets import candidate_table, read_zero_shot_sets

KNOWN = {f"n0000000{number}" for number in range(9)}
SEEN, UNSEEN = ["n00000000", "n00000001"], ["n00000003", "n00000002"]


def read(*specifications: str, unseen: Sequence[str] = UNSEEN) -> dict[str, list[str]]:
    return read_zero_shot_sets(specifications, SEEN, unseen, KNOWN)


def listed(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "hops.txt"
    file.write_text("\n".join(lines) + "\n")
    return f"2-hop={file}"


def test_unseen_is_every_class_held_out_and_a_list_is_read(tmp_path: Path) -> None:
    sets = read("unseen", listed(tmp_path, "n00000005", "", "n00000002"))
    assert sets == {
        "unseen": ["n00000002", "n00000003"],
        "2-hop": ["n00000002", "n00000005"],
    }


def test_every_set_is_written_out_alone_and_with_the_seen_labels() -> None:
    table = candidate_table(SEEN, read("unseen"))
    sizes = table.groupby("set").size().to_dict()
    assert sizes == {"seen": 2, "unseen": 2, "unseen_plus_seen": 4, "seen_among_unseen": 4}
    assert not table.duplicated().any()


def test_no_set_leaves_the_seen_labels() -> None:
    assert set(candidate_table(SEEN, read())["set"]) == {"seen"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("n99999999", "line 2: n99999999 is not in the taxonomy"),
        ("n00000001", "line 2: n00000001 is a seen class"),
        ("n00000004", "line 2: n00000004 stands there twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ValueError, match=rf"hops\.txt, {message}"):
        read(listed(tmp_path, "n00000004", line))


@pytest.mark.parametrize(
    ("specifications", "message"),
    [
        (["Hops=x"], "'Hops' must match"),
        (["seen=x"], "'seen' is taken"),
        (["seen_among_unseen=x"], "'seen_among_unseen' begins as the training classes"),
        (["seen_among=x"], "'seen_among' begins as the training classes"),
        (["hops"], "write hops=URI"),
        (["unseen", "unseen"], "'unseen' is taken already"),
        (["unseen", "unseen_plus_seen=x"], "'unseen_plus_seen' is taken already"),
    ],
)
def test_a_wrong_set_is_refused(specifications: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(*specifications)


def test_a_list_without_a_class_that_has_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no class of images_unseen is among the 1 labels of '2-h"):
        read("unseen", listed(tmp_path, "n00000004"))


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names no wnid"):
        read(listed(tmp_path, ""))
    with pytest.raises(ValueError, match="no class is held out"):
        read("unseen", unseen=[])


# canine - dog - puppy, canine - wolf - cub, and rock outside the hierarchy
EDGES = [("canine", "dog"), ("canine", "wolf"), ("wolf", "cub"), ("dog", "puppy"), ("fox", "node")]
LABELS = {"canine", "dog", "wolf", "cub", "fox", "puppy", "rock"}
WITH_IMAGES = ["canine", "puppy", "wolf"]


def computed(*specifications: str, seen: tuple[str, ...] = ("dog",)) -> dict[str, list[str]]:
    unseen = [wnid for wnid in WITH_IMAGES if wnid not in seen]
    return read_zero_shot_sets(specifications, seen, unseen, LABELS, EDGES)


def test_sets_of_all_kinds_come_in_the_order_asked_for(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("rock\nwolf\n")
    sets = computed("3-hop", "unseen", f"own={tmp_path / 'own.txt'}", "2-hop")
    assert list(sets) == ["3-hop", "unseen", "own", "2-hop"]
    assert (sets["unseen"], sets["own"]) == (WITH_IMAGES, ["rock", "wolf"])


@pytest.mark.parametrize("turned", [False, True])
def test_a_list_named_all_bounds_the_hop_sets_wherever_it_stands(
    tmp_path: Path, turned: bool
) -> None:
    (tmp_path / "all.txt").write_text("puppy\nwolf\nrock\n")
    names = ["3-hop", f"all={tmp_path / 'all.txt'}"]
    sets = computed(*(names[::-1] if turned else names))
    assert sets == {"3-hop": ["puppy", "wolf"], "all": ["puppy", "rock", "wolf"]}


def test_a_list_of_ones_own_may_have_the_name_of_a_computed_set(tmp_path: Path) -> None:
    (tmp_path / "hops.txt").write_text("rock\ncanine\n")
    assert computed(f"2-hop={tmp_path / 'hops.txt'}") == {"2-hop": ["canine", "rock"]}


def test_the_number_of_members_with_images_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    computed("all")
    assert "set all: 5 labels, 3 of them with images" in capsys.readouterr().out


def test_training_classes_outside_the_hierarchy_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert computed("2-hop", seen=("dog", "rock"))["2-hop"] == ["canine", "puppy"]
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
        computed(*specifications, seen=seen)
