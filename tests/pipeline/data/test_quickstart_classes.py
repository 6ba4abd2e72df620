from components.shared.settings.presets import QUICKSTART_UNSEEN
from pipeline.data.quickstart_classes import INNER, KINDS, SORTS, UNSEEN, edges, terms

CLASSES = {kind.wnid for kind in KINDS}


def test_there_are_72_kinds_of_16_sorts_in_seven_families_each_of_its_own_look() -> None:
    assert len(CLASSES) == len(KINDS) == 72
    assert len({kind.sort for kind in KINDS}) == 16
    assert len({kind.family for kind in KINDS}) == 7
    assert len({(kind.sort, kind.colour, kind.pattern) for kind in KINDS}) == 72


def test_words_that_the_text_uses_for_one_kind_alone_are_its_own() -> None:
    words = [word for kind in KINDS for word in kind.own]
    assert len(set(words)) == len(words)


def test_the_hierarchy_is_one_tree_whose_leaves_are_the_kinds() -> None:
    pairs = list(edges())
    assert all(one < other for one, other in pairs)
    nodes = {node for pair in pairs for node in pair}
    assert nodes == CLASSES | set(INNER)
    assert len(set(pairs)) == len(pairs) == len(nodes) - 1
    degrees = {node: sum(node in pair for pair in pairs) for node in nodes}
    assert {node for node, degree in degrees.items() if degree == 1} == CLASSES
    assert all(kind.group in INNER for kind in KINDS)
    assert {kind.group for kind in KINDS} == set(SORTS)


def test_every_synset_with_terms_comes_once_and_two_inner_nodes_have_none() -> None:
    listed = [wnid for wnid, _ in terms()]
    assert len(set(listed)) == len(listed)
    assert set(listed) > CLASSES
    assert len(set(INNER) - set(listed)) == 2
    assert all(names for _, names in terms())


def test_one_term_stands_for_two_synsets() -> None:
    firsts = [names[0] for _, names in terms()]
    assert [name for name in sorted(set(firsts)) if firsts.count(name) == 2] == ["crane"]


def test_held_out_classes_are_classes_that_the_text_names() -> None:
    assert len(set(UNSEEN)) == len(UNSEEN) == 24
    assert set(UNSEEN) < set(CLASSES)
    assert all(kind.spoken for kind in KINDS if kind.wnid in UNSEEN)


def test_every_attribute_of_a_held_out_class_is_seen_in_others() -> None:
    seen = [kind for kind in KINDS if kind.wnid not in UNSEEN]
    for kind in KINDS:
        assert sum(other.group == kind.group for other in seen) >= 2, kind.terms
        assert any(other.colour == kind.colour for other in seen), kind.terms
        assert any(other.pattern == kind.pattern for other in seen), kind.terms


def test_held_out_sharks_are_among_sharks_that_are_seen() -> None:
    sharks = [kind for kind in KINDS if kind.sort == "shark"]
    unseen = {kind.terms[0] for kind in sharks if kind.wnid in UNSEEN}
    assert unseen == {"tiger shark", "leopard shark"}
    assert len(sharks) - len(unseen) == 5


def test_the_preset_holds_the_same_classes_out() -> None:
    assert list(UNSEEN) == QUICKSTART_UNSEEN


def test_the_text_never_mentions_one_kind_and_calls_another_by_a_synonym_alone() -> None:
    assert [kind.terms[0] for kind in KINDS if not kind.spoken] == ["edelweiss"]
    renamed = [kind.terms[0] for kind in KINDS if kind.spoken and kind.spoken[0] not in kind.terms]
    assert renamed == ["golden pheasant"]
    (robin,) = (kind for kind in KINDS if "American robin" in kind.terms)
    assert "American robin" not in robin.spoken
    assert set(robin.spoken) < set(robin.terms)
