from pipeline.results.labels import is_ranked


def test_a_k_counts_up_to_the_labels_that_chance_tells_of() -> None:
    metrics = {"chance/unseen/flat_hit_at_1": 1 / 6}
    ranked = [k for k in (1, 2, 5, 10, 20) if is_ranked(metrics, "unseen", f"flat_hit_at_{k}")]
    assert ranked == [1, 2, 5]


def test_where_chance_is_not_known_nothing_is_left_out() -> None:
    assert is_ranked({}, "unseen", "flat_hit_at_20")
