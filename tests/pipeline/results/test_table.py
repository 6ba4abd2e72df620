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


def test_figures_are_in_per_cent_and_none_is_marked() -> None:
    lines = comparison_table(METRICS).splitlines()
    assert [line.split() for line in lines if line.startswith("DeViSE")] == [
        ["DeViSE", "60.0"],
        ["DeViSE", "12.3"],
    ]
    assert next(line.split() for line in lines if line.startswith("Chance")) == ["Chance", "99.0"]


def test_lines_fit_a_terminal() -> None:
    metrics = {
        f"{model}/seen/{name}_at_{k}": 1.0
        for model in ("softmax", "devise", "random_phase_1", "devise_of_a_long_name", "chance")
        for name in ("flat_hit", "hierarchical_precision")
        for k in (1, 2, 5, 10, 20)
    }
    assert max(map(len, comparison_table(metrics).splitlines())) <= 80


def test_beyond_the_labels_there_are_stands_a_dash() -> None:
    figures = {
        f"{model}/unseen/{name}_at_{k}": 1.0
        for model in ("softmax", "devise")
        for name in ("flat_hit", "hierarchical_precision")
        for k in (1, 2, 5, 10, 20)
    }
    chance = {f"chance/unseen/flat_hit_at_{k}": min(1.0, k / 6) for k in (1, 2, 5, 10, 20)}
    lines = comparison_table({**figures, **chance}).splitlines()
    row = next(line for line in lines if line.startswith("DeViSE")).split()
    assert row == ["DeViSE", "100.0", "100.0", "100.0", "-", "-", "100.0", "100.0", "-", "-"]


def test_models_are_called_as_in_the_report() -> None:
    metrics = {"softmax_continued/seen/flat_hit_at_1": 0.5, "chance/seen/flat_hit_at_1": 0.1}
    assert "Softmax, trained on" in comparison_table(metrics)
