from support.sharing_labels import LABELS

from components.shared.artifacts.shared_terms import named_pairs, pairs_sharing_terms


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


def test_of_a_pair_the_common_terms_and_both_labels_are_named() -> None:
    _, pair, _ = pairs_sharing_terms(LABELS)
    assert named_pairs([pair], LABELS) == ["crane, bird: crane (n3) and hoist (n4)"]
