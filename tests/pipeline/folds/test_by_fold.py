import json
from pathlib import Path

import pytest
from support.folds import write_folds

from pipeline.folds.by_fold import by_fold_parts
from pipeline.folds.figures import figures_over
from pipeline.folds.tables import fold_results

MODELS = ("softmax", "devise", "devise_phase_1", "devise_calibrated", "random", "conse", "dgp")


def figures(*names: str) -> dict[str, dict[str, object]]:
    """Two folds of 10 and 30 per cent; over all 25, as if the second had three times the images."""
    return {name: {"values": [0.1, 0.3], "mean": 0.25} for name in names}


def test_a_row_has_each_fold_and_all_together_and_a_softmax_none_on_unseen_labels() -> None:
    names = [f"devise/{one}_at_{k}" for one in ("seen/flat_hit", "own/flat_hit") for k in (1, 5)]
    means = figures("softmax/seen/flat_hit_at_1", *names, "devise/own_plus_seen/flat_hit_at_1")
    (text,) = by_fold_parts([2, 4], means)
    title, _, head, _, *rows = text.splitlines()
    assert title == "### By fold: seen and own, %"
    every = ("seen hit@1", "own hit@1", "own hit@5")
    cells = [f"{name}: {fold}" for name in every for fold in ("fold 2", "fold 4", "all")]
    assert head == f"| model | {' | '.join(cells)} |"
    assert rows[:2] == [
        "| Softmax | 10.0 | 30.0 | 25.0 | – | – | – | – | – | – |",
        "| DeViSE | 10.0 | 30.0 | 25.0 | 10.0 | 30.0 | 25.0 | 10.0 | 30.0 | 25.0 |",
    ]


def test_one_fold_has_nothing_beside_it() -> None:
    assert by_fold_parts([2], figures("devise/own/flat_hit_at_1")) == []


@pytest.mark.parametrize("numbers", [[1, 2], [1, 2, 3]])
def test_the_table_stands_first_without_phase_1_and_calibrated_rows(
    tmp_path: Path, numbers: list[int]
) -> None:
    write_folds(tmp_path, numbers, MODELS)
    text = fold_results(tmp_path, None, as_markdown=True)
    first, _, _ = text[text.index("### ") :].partition("\n\n### ")
    assert first.startswith("### By fold: seen and unseen, %\n")
    rows = [line.strip("| ").split(" | ") for line in first.splitlines()[4:]]
    names = ["Softmax", "DeViSE", "Random vectors", "ConSE", "DGP", "Chance"]
    assert [row[0] for row in rows] == names
    width = len(numbers) + 1
    seen, unseen, unseen_5 = (
        rows[1][start : start + width] for start in (1, 1 + width, 1 + 2 * width)
    )
    for place, number in enumerate(numbers):
        metrics = json.loads((tmp_path / f"fold_{number}" / "metrics.json").read_text())
        for name, cells in (("seen", seen), ("unseen", unseen)):
            assert cells[place] == f"{100 * metrics[f'devise/{name}/flat_hit_at_1']:.1f}"
    mean = figures_over(tmp_path, numbers).means["devise/unseen/flat_hit_at_1"]["mean"]
    assert unseen[-1] == f"{100 * mean:.1f}"
    assert set(unseen_5) == {"–"}, "of three labels there are no five"
    assert "By fold" not in fold_results(tmp_path, None, as_markdown=False)
