from pathlib import Path

import pytest

from components.shared.wnids import WNID, is_wnid

PROJECT = Path(__file__).resolve().parents[3]
HOME = PROJECT / "components/shared/wnids.py"


@pytest.mark.parametrize("text", ["n01443537", "n00000000"])
def test_an_n_and_eight_digits_are_a_wnid(text: str) -> None:
    assert is_wnid(text)


@pytest.mark.parametrize("text", ["", "n0144353", "n014435371", "N01443537", "n01443537\n", "fish"])
def test_nothing_else_is_one(text: str) -> None:
    assert not is_wnid(text)


def test_its_pattern_is_written_in_one_place() -> None:
    files = [file for root in ("components", "pipeline") for file in (PROJECT / root).rglob("*.py")]
    assert [file for file in files if WNID in file.read_text()] == [HOME]
