from pathlib import Path

import pytest

from components.shared.settings.zero_shot_sets import addresses_of, read_list

KNOWN = {f"n0000000{number}" for number in range(9)}


def test_each_set_has_its_address_or_none() -> None:
    found = addresses_of(["unseen", "2-hop", "all=s3://b/a=b.txt", "own=l"])
    assert found == {"unseen": "", "2-hop": "", "all": "s3://b/a=b.txt", "own": "l"}


@pytest.mark.parametrize(
    ("specifications", "message"),
    [
        (["Hops=x"], "'Hops' must match"),
        (["seen=x"], "'seen' is taken"),
        (["seen_plus_seen=x"], "'seen_plus_seen' is taken"),
        (["seen_among=x"], "'seen_among' begins as the training classes"),
        (["hops"], "write hops=URI"),
        (["hops="], "no address after '='"),
        (["2-hop", "2-hop=x"], "'2-hop' is taken already"),
        (["unseen_plus_seen=x", "unseen"], "'unseen' is taken already"),
    ],
)
def test_a_wrong_name_is_refused(specifications: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        addresses_of(specifications)


def test_a_list_is_read_sorted_and_blank_lines_are_none(tmp_path: Path) -> None:
    (tmp_path / "l").write_text("\ufeffn00000005\n\n n00000004\r\n")
    assert read_list(str(tmp_path / "l"), (), KNOWN) == ["n00000004", "n00000005"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "l names no wnid"),
        ("n00000001\nn99999999\n", "l, line 2: n99999999 is not in the taxonomy"),
        ("n00000001\tshark\n", "l, line 1: n00000001\tshark is not in the taxonomy"),
        ("n00000001\nn00000000\n", "l, line 2: n00000000 is a seen class"),
        ("n00000001\nn00000001\n", "l, line 2: n00000001 stands there twice"),
    ],
)
def test_a_wrong_list_is_refused_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "l").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_list(str(tmp_path / "l"), {"n00000000"}, KNOWN)
