from pipeline.results.table import comparison_table

METRICS = {
    "softmax/seen/flat_hit_at_1": 0.55,
    "devise/seen/flat_hit_at_1": 0.6,
    "chance/seen/flat_hit_at_1": 0.99,
    "softmax/seen/images": 1200.0,
    "softmax/unseen/flat_hit_at_1": 0.0,
    "devise/unseen/flat_hit_at_1": 0.123,
    "label_space/without_vector": 1.0,
}


def test_each_candidate_set_has_a_table_the_seen_first() -> None:
    titles = [
        line for line in comparison_table(METRICS).splitlines() if line.startswith(("seen", "un"))
    ]
    assert titles == ["seen: 1,200 test images", "unseen"]


def test_the_best_of_a_column_is_starred_and_chance_never_is() -> None:
    lines = comparison_table(METRICS).splitlines()
    assert [line.split() for line in lines if line.startswith("devise")] == [
        ["devise", "60.0*"],
        ["devise", "12.3*"],
    ]
    assert next(line.split() for line in lines if line.startswith("chance")) == ["chance", "99.0"]


def test_lines_fit_a_terminal() -> None:
    metrics = {
        f"{model}/seen/{name}_at_{k}": 1.0
        for model in ("softmax", "devise", "random", "conse", "chance")
        for name in ("flat_hit", "hierarchical_precision")
        for k in (1, 2, 5, 10, 20)
    }
    assert max(map(len, comparison_table(metrics).splitlines())) <= 80
