from pipeline.results.brief import brief_table

METRICS = {
    **{f"{model}/{name}/flat_hit_at_1": value
       for model, value in (("softmax", 0.8), ("devise", 0.7), ("devise_l2", 0.9), ("random", 0.1))
       for name in ("seen", "unseen", "unseen_plus_seen")},
    "softmax/unseen/flat_hit_at_1": 0.0,
    "devise/unseen/hierarchical_precision_at_5": 0.5,
    "chance/seen/flat_hit_at_1": 1 / 18,
    "chance/unseen/flat_hit_at_1": 1 / 4,
}  # fmt: skip


def rows(text: str) -> dict[str, list[str]]:
    lines = [line for line in text.partition("\n\n")[0].splitlines() if line]
    return {line[:23].strip(): line[23:].split() for line in lines}


def test_few_models_stand_with_few_figures_on_labels_trained_on_and_never() -> None:
    found = rows(brief_table(METRICS))
    assert found["Softmax"] == ["80.0", "0.0"]
    assert found["DeViSE"] == ["70.0", "70.0", "-"]
    assert found["Chance"] == ["5.6", "25.0"]
    assert "DeViSE, l2" not in found


def test_every_word_of_the_table_is_explained_and_lines_fit_a_terminal() -> None:
    text = brief_table(METRICS)
    explained = text.partition("\n\n")[2]
    for word in ("hit@k", "hp@5", "unseen labels", "Softmax", "DeViSE", "Random vectors"):
        assert f"\n{word} " in f"\n{explained}"
    assert max(map(len, text.splitlines())) <= 80


def test_a_run_without_unseen_labels_has_a_table_too() -> None:
    metrics = {name: value for name, value in METRICS.items() if "/seen/" in name}
    assert rows(brief_table(metrics))["Softmax"] == ["80.0"]


def test_the_highest_of_all_rows_on_unseen_labels_is_named_shown_or_not() -> None:
    high = "Highest hit@1 on unseen labels of all rows:"
    assert f"\n\n{high} DeViSE, l2 90.0 %.\n\n" in brief_table(METRICS)
    alike = {**METRICS, "devise_l2_phase_1/unseen/flat_hit_at_1": 0.9}
    assert f"\n{high} DeViSE, l2 90.0 %.\n" in brief_table(alike), "the first in the tables' order"
    long = {**METRICS, "devise_best_no_text_and_more_phase_1/unseen/flat_hit_at_1": 1.0}
    assert max(map(len, brief_table(long).splitlines())) <= 80
    seen = {name: value for name, value in METRICS.items() if "/seen/" in name}
    assert high not in brief_table(seen)
