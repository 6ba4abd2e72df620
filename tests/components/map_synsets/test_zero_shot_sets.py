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
    sets = read("unseen", listed(tmp_path, "n00000005", "", "n00000004"))
    assert sets == {
        "unseen": ["n00000002", "n00000003"],
        "2-hop": ["n00000004", "n00000005"],
    }


def test_every_set_is_written_out_alone_and_with_the_seen_labels() -> None:
    table = candidate_table(SEEN, read("unseen"))
    sizes = table.groupby("set").size().to_dict()
    assert sizes == {"seen": 2, "unseen": 2, "unseen_plus_seen": 4}
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
        (["hops"], "write hops=URI"),
        (["unseen", "unseen"], "'unseen' is taken already"),
        (["unseen", "unseen_plus_seen=x"], "'unseen_plus_seen' is taken already"),
    ],
)
def test_a_wrong_set_is_refused(specifications: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(*specifications)


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names no wnid"):
        read(listed(tmp_path, ""))
    with pytest.raises(ValueError, match="no class is held out"):
        read("unseen", unseen=[])
