import numpy as np
import pytest
from twins import hierarchical as twin

from components.shared.ranking.hierarchy import CorrectSets, build_hierarchy, correct_sets_of
from components.shared.ranking.metrics import (
    KS,
    chance_hits,
    chance_precisions,
    flat_hits,
    hierarchical_precisions,
    k_of,
    labels_behind,
    padded,
)

FAMILY = [("dog", "terrier"), ("dog", "poodle"), ("animal", "dog"), ("animal", "fish")]


def test_a_hit_counts_from_the_rank_of_the_true_label_on() -> None:
    hits = flat_hits(["a", "b", "c"], [["a", "b"], ["a", "b"], ["a", "b"]], [1, 2, 5])
    assert hits[1].tolist() == [True, False, False]
    assert hits[2].tolist() == [True, True, False]
    assert hits[5].tolist() == [True, True, False]


def test_precision_divides_by_k_even_where_fewer_labels_were_ranked() -> None:
    valid = {"terrier", "poodle", "fish"}
    correct = correct_sets_of(build_hierarchy(FAMILY), ["terrier"], valid, [1, 2, 5])
    precisions = hierarchical_precisions(["terrier"], [["poodle", "terrier"]], correct, [1, 2, 5])
    assert {k: values.tolist() for k, values in precisions.items()} == {1: [0], 2: [1], 5: [0.4]}


def test_precision_at_one_is_the_hit_at_one() -> None:
    truth, predicted, correct = random_case(3)
    hits = flat_hits(truth, predicted, [1])
    precisions = hierarchical_precisions(truth, predicted, correct, [1])
    assert np.array_equal(hits[1], precisions[1])


def random_case(seed: int) -> tuple[list[str], list[list[str]], dict[str, CorrectSets]]:
    generator = np.random.default_rng(seed)
    nodes = [f"n{i}" for i in range(30)]
    edges = [(str(a), str(b)) for a, b in generator.choice(nodes, size=(35, 2)) if a != b]
    truth = [str(wnid) for wnid in generator.choice(nodes, size=40)]
    predicted = [
        [str(w) for w in generator.permutation(nodes)[: generator.integers(0, 21)]] for _ in truth
    ]
    return truth, predicted, correct_sets_of(build_hierarchy(edges), truth, nodes, KS)


@pytest.mark.parametrize("seed", range(5))
def test_both_metrics_agree_with_one_image_and_one_k_at_a_time(seed: int) -> None:
    truth, predicted, correct = random_case(seed)
    hits = flat_hits(truth, predicted)
    precisions = hierarchical_precisions(truth, predicted, correct)
    for k in KS:
        assert hits[k].tolist() == [
            twin.hit(ranking, label, k) for label, ranking in zip(truth, predicted, strict=True)
        ]
        assert precisions[k].tolist() == [
            twin.precision(ranking, set(correct[label].members(k)), k)
            for label, ranking in zip(truth, predicted, strict=True)
        ]


def test_rankings_padded_with_none_count_like_shorter_ones() -> None:
    truth, predicted, correct = random_case(1)
    table = padded(predicted, 20)
    for k in KS:
        assert np.array_equal(flat_hits(truth, table)[k], flat_hits(truth, predicted)[k])
        assert np.array_equal(
            hierarchical_precisions(truth, table, correct)[k],
            hierarchical_precisions(truth, predicted, correct)[k],
        )


def test_chance_hits_are_k_in_the_number_of_candidates_and_never_above_one() -> None:
    assert chance_hits(8, [1, 2, 10]) == {1: 0.125, 2: 0.25, 10: 1.0}


def test_chance_precision_is_the_share_of_correct_labels_among_the_candidates() -> None:
    valid = ["terrier", "poodle", "fish"]
    truth = ["terrier", "terrier", "fish"]
    correct = correct_sets_of(build_hierarchy(FAMILY), truth, valid, [1, 2])
    assert chance_precisions(truth, valid, correct, [1, 2]) == pytest.approx(
        {1: 1 / 3, 2: (2 / 3 + 2 / 3 + 3 / 3) / 3}
    )
    assert chance_precisions(truth, ["poodle", "cup"], correct, [2]) == pytest.approx({2: 1 / 2})


@pytest.mark.parametrize(("labels", "k"), [(30, 5), (3, 5), (12, 20)])
def test_chance_agrees_with_rankings_drawn_at_random(labels: int, k: int) -> None:
    truth, _, correct = random_case(2)
    generator = np.random.default_rng(0)
    nodes = [f"n{i}" for i in range(labels)]
    draws = [[generator.permutation(nodes)[:20].tolist() for _ in truth] for _ in range(300)]
    drawn = [hierarchical_precisions(truth, ranking, correct, [k])[k].mean() for ranking in draws]
    assert np.mean(drawn) == pytest.approx(
        chance_precisions(truth, nodes, correct, [k])[k], abs=0.02
    )


def test_rankings_that_do_not_belong_to_the_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="2 true labels but 1 rankings"):
        flat_hits(["a", "b"], [["a"]], [1])


def test_chance_tells_how_many_labels_there_are() -> None:
    for count in (1, 6, 18, 1000, 20_841):
        assert labels_behind(chance_hits(count)[1]) == count


def test_a_figures_name_ends_with_its_k() -> None:
    assert [k_of("flat_hit_at_1"), k_of("hierarchical_precision_at_20")] == [1, 20]
