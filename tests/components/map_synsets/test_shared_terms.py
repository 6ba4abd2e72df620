import pandas as pd
import pytest

from components.map_synsets.shared_terms import SHOWN, say_pairs
from components.shared.artifacts.shared_terms import pairs_sharing_terms

LABELS = pd.DataFrame(
    [
        ("n1", "seen", ["police_van", "wagon", "black_maria"]),
        ("n2", "unseen", ["beach_wagon", "wagon"]),
        ("n3", "seen", ["crane", "bird"]),
        ("n4", "unseen", ["hoist", "crane", "crane", "bird"]),
        ("n5", "unseen", ["crane"]),
        ("n6", "seen", ["wren", "bird_of_song"]),
        ("n7", "seen", ["lorry", "black_maria"]),
    ],
    columns=["wnid", "role", "terms"],
)


def test_pairs_are_said_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    say_pairs(pairs_sharing_terms(LABELS), LABELS)
    said = capsys.readouterr().out
    assert "shared by 3 pairs of a seen and an unseen label" in said
    assert "wagon: police_van (n1) and beach_wagon (n2)" in said
    assert "..." not in said


def test_of_many_pairs_the_first_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    say_pairs(pairs_sharing_terms(LABELS) * SHOWN, LABELS)
    assert capsys.readouterr().out.endswith("; ...\n")


def test_without_a_pair_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    say_pairs(pairs_sharing_terms(LABELS[LABELS["role"] == "seen"]), LABELS)
    assert capsys.readouterr().out == ""
