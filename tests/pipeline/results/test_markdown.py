"""The tables for docs/results.md, from what the runs of two seeds left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.shared.ranking.metrics import KS
from pipeline.local.repeats import SEED, write_metrics
from pipeline.results.markdown import (
    claims_part,
    per_class_part,
    results_tables,
    results_text,
)

HITS = {"softmax": (0.40, 0.42), "devise": (0.30, 0.34), "devise_phase_1": (0.30, 0.34)}
PRECISION = 0.25


def write_run(folder: Path, hits: dict[str, float], interval: list[float]) -> None:
    folder.mkdir()
    metrics = {}
    for model, hit in hits.items():
        for k in KS:
            metrics[f"{model}/seen/flat_hit_at_{k}"] = hit
            metrics[f"{model}/seen/hierarchical_precision_at_{k}"] = PRECISION
    (folder / "metrics.json").write_text(json.dumps(metrics))
    tested = {"difference": sum(interval) / 2, "interval": interval}
    same = {"difference": 0.0, "interval": [0.0, 0.0]}
    name = "seen/flat_hit_at_1"
    confidence: dict[str, Any] = {
        "samples": 100,
        "intervals": {f"softmax/{name}": [hits["softmax"] - 0.01, hits["softmax"] + 0.03]},
        "paired": {
            f"devise_vs_better_softmax/{name}": tested,
            f"devise_vs_softmax/{name}": tested,
            f"devise_vs_devise_phase_1/{name}": same,
        },
    }
    low, high = interval
    claim = {**tested, "baseline": "softmax", "p_holm": 0.01, "told": low > 0 or high < 0}
    confidence["claims"] = {f"devise_vs_softmax/{name}": claim}
    (folder / "confidence.json").write_text(json.dumps(confidence))


def tables(output: Path, *intervals: list[float]) -> str:
    for seed, interval in enumerate(intervals):
        hits = {model: values[seed] for model, values in HITS.items()}
        write_run(output / f"seed_{seed}", hits, interval)
    write_metrics(output, SEED, range(len(intervals)))
    return results_text(output)


def test_a_figure_is_the_mean_with_its_spread_over_seeds_and_the_mean_interval(
    tmp_path: Path,
) -> None:
    text = tables(tmp_path, [-0.1, -0.05], [-0.2, -0.1])
    assert "| Softmax | 41.0 ±1.4 (40.0–44.0) |" in text
    assert "0.250" in text


def test_one_seed_has_no_spread(tmp_path: Path) -> None:
    assert "| Softmax | 40.0 (39.0–43.0) |" in tables(tmp_path, [-0.1, -0.05])


def test_a_phase_1_that_was_kept_is_no_row_of_its_own(tmp_path: Path) -> None:
    assert "phase 1" not in tables(tmp_path, [-0.1, -0.05], [-0.2, -0.1])


@pytest.mark.parametrize(
    ("intervals", "cell"),
    [
        (([-0.10, -0.04], [-0.20, -0.10]), "**-11.0** (-15.0 to -7.0)"),
        (([-0.10, 0.02], [-0.20, -0.10]), "-9.5 (-15.0 to -4.0)"),
        (([-0.10, -0.04], [0.10, 0.20]), "+4.0 (0.0 to 8.0)"),
    ],
)
def test_a_difference_is_bold_where_every_seed_tells_it_on_the_same_side(
    tmp_path: Path, intervals: tuple[list[float], ...], cell: str
) -> None:
    text = tables(tmp_path, *intervals)
    assert f"| DeViSE − the strongest softmax | {cell} |" in text
    assert "DeViSE − Softmax" not in text


def test_a_folder_without_a_finished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no metrics\.json: give the --output"):
        results_text(tmp_path)


def test_beyond_the_labels_there_are_no_figure_stands(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"softmax": 0.5, "devise": 0.5}, [-0.1, -0.05])
    file = tmp_path / "run" / "metrics.json"
    chance = {f"chance/seen/{name}_at_{k}": 0.25 for k in KS
              for name in ("flat_hit", "hierarchical_precision")}  # fmt: skip
    file.write_text(json.dumps({**json.loads(file.read_text()), **chance}))
    text = results_text(tmp_path / "run")
    assert "| DeViSE | 50.0 | 50.0 | – | – | – | 0.250 | – | – | – |" in text


def test_claims_and_means_over_classes_stand_in_tables_of_their_own() -> None:
    name, left_out = "devise_vs_conse/unseen/flat_hit_at_1", "devise_vs_conse/unseen/flat_hit_at_5"
    claim = {"baseline": "conse_best", "difference": 0.1, "p_holm": 0.03, "told": True}
    text = claims_part([{"claims": {name: claim}, "claims_left_out": {left_out: "One class."}}])
    assert f"| {name} | ConSE, best | **+10.0** | 0.030 | yes |" in text
    assert f"| {left_out} | – | – | – | One class. |" in text
    hits = zip(KS, (0.25, 0.5, 0.625, 0.75, 1.0), strict=True)
    figures = {f"devise/seen/per_class_hit_at_{k}": hit for k, hit in hits}
    chance = {"chance/seen/flat_hit_at_1": 0.1, "chance/seen/per_class_hit_at_1": 0.1}
    text = per_class_part("seen", figures | chance)
    assert "| model | hit@1 | hit@2 | hit@5 | hit@10 | hit@20 |" in text
    assert "| DeViSE | 25.0 | 50.0 | 62.5 | 75.0 | – |" in text, "of ten labels there are no 20"


@pytest.mark.parametrize("show", [results_text, results_tables])
def test_each_candidate_set_has_one_table_of_means_over_classes(
    tmp_path: Path, show: Callable[[Path], str]
) -> None:
    write_run(tmp_path / "run", {**dict.fromkeys(HITS, 0.5), "devise_l2": 0.25}, [-0.1, -0.05])
    file = tmp_path / "run" / "metrics.json"
    metrics = json.loads(file.read_text())
    metrics |= {name.replace("/seen/", "/unseen/"): value for name, value in metrics.items()}
    by_class = {name.replace("flat", "per_class"): 0.375 for name in metrics if "flat" in name}
    file.write_text(json.dumps(metrics | by_class))
    text = show(tmp_path / "run")
    titles = [line for line in text.splitlines() if line.endswith(": means over classes")]
    assert titles == ["### seen: means over classes", "### unseen: means over classes"]
    _, _, table = text.partition(titles[0])
    rows = table.split("\n\n")[1].splitlines()[2:]
    # The phase 1 that was kept is no row of its own here either.
    assert [row.split(" | ")[0] for row in rows] == ["| Softmax", "| DeViSE", "| DeViSE, l2"]
    assert rows[1] == "| DeViSE | 37.5 | 37.5 | 37.5 | 37.5 | 37.5 |"


def test_what_the_words_mean_stands_below_the_tables_a_seed_a_column(tmp_path: Path) -> None:
    assert "word vectors" not in tables(tmp_path, [-0.1, -0.05], [-0.2, -0.1])
    for seed, spearman in enumerate((0.25, 0.5)):
        found = {"simlex_999": {"spearman": spearman, "pairs": 999, "covered": 1.0}}
        file = tmp_path / f"seed_{seed}" / "skipgram.json"
        file.write_text(json.dumps({"quality": found}))
    row = "| SimLex-999, Spearman | 0.25 (999 of 999 pairs) | 0.50 (999 of 999 pairs) |"
    assert row in results_text(tmp_path)
    assert row in results_tables(tmp_path)
