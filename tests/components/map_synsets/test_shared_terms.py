import pytest
from support.sharing_labels import LABELS

from components.map_synsets.shared_terms import SHOWN, say_pairs
from components.shared.artifacts.shared_terms import pairs_sharing_terms


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
