import pandas as pd
import pytest

from components.map_synsets.shared_terms import SHOWN, pairs_sharing_terms, say_pairs

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


def test_a_seen_and_an_unseen_label_that_share_any_term_are_a_pair() -> None:
    assert pairs_sharing_terms(LABELS) == [
        {"seen": "n1", "unseen": "n2", "terms": ["wagon"]},
        {"seen": "n3", "unseen": "n4", "terms": ["crane", "bird"]},
        {"seen": "n3", "unseen": "n5", "terms": ["crane"]},
    ]


def test_pairs_are_those_of_a_loop_over_all_pairs() -> None:
    expected = [
        (a.wnid, b.wnid)
        for a in LABELS.itertuples()
        for b in LABELS.itertuples()
        if a.role == "seen" and b.role == "unseen" and set(a.terms) & set(b.terms)
    ]
    assert [(pair["seen"], pair["unseen"]) for pair in pairs_sharing_terms(LABELS)] == expected


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
