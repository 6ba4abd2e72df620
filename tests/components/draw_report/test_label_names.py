from components.draw_report.label_names import display_names

WORDS = {"n8": "bird", "n9": "machine", "n0": "thing"}


def test_two_labels_of_one_term_are_told_apart_by_a_further_term_or_what_is_above() -> None:
    terms = {"n1": ["crane"], "n2": ["crane", "derrick"], "n3": ["teapot", "pot"]}
    above = {"n1": ["n0", "n8", "n1"], "n2": ["n0", "n9", "n2"]}
    names = display_names(terms, above, WORDS)
    assert names == {"n1": "crane (bird)", "n2": "crane (derrick)", "n3": "teapot"}


def test_what_both_have_tells_nothing_apart() -> None:
    terms = {"n1": ["crane", "hoist"], "n2": ["crane", "hoist"]}
    above = {"n1": ["n0", "n8", "n1"], "n2": ["n0", "n9", "n7", "n2"]}
    names = display_names(terms, above, WORDS)
    assert names == {"n1": "crane (bird)", "n2": "crane (machine)"}


def test_only_labels_with_nothing_of_their_own_are_told_apart_by_wnid() -> None:
    same = {"n1": ["crane"], "n2": ["crane"]}
    assert display_names(same, {"n1": [], "n2": []}, {}) == {"n1": "crane (n1)", "n2": "crane (n2)"}


def test_no_two_names_are_the_same() -> None:
    terms = {"n1": ["crane"], "n2": ["crane", "x"], "n3": ["crane (x)"]}
    assert len(set(display_names(terms, {}, {}).values())) == 3
