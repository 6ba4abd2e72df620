import json
from pathlib import Path
from statistics import pstdev

import pytest

from components.shared.settings.parameter import Value
from pipeline.local.repeats import (
    SEED,
    Repeats,
    metrics_together,
    read_metrics,
    repeats_in,
    run_repeats,
    seed_repeats,
)

NAME = "devise/seen/flat_hit_at_1"


def test_mean_and_spread_are_those_of_the_sample() -> None:
    found = metrics_together([{NAME: 0.1}, {NAME: 0.2}, {NAME: 0.6}])
    assert found[NAME]["values"] == [0.1, 0.2, 0.6]
    assert found[NAME]["mean"] == pytest.approx(0.3)
    expected = pstdev([0.1, 0.2, 0.6]) * (3 / 2) ** 0.5
    assert found[NAME]["standard_deviation"] == pytest.approx(expected)


def test_one_seed_has_no_spread_and_figures_that_one_seed_lacks_are_left_out() -> None:
    assert metrics_together([{NAME: 0.5}])[NAME]["standard_deviation"] == 0.0
    assert set(metrics_together([{NAME: 0.5, "x": 1.0}, {NAME: 0.4}])) == {NAME}


def test_every_seed_has_a_folder_and_a_run_of_its_own(tmp_path: Path) -> None:
    names: list[tuple[Value, Value, str]] = []

    def run(values: dict[str, Value], folder: Path) -> None:
        names.append((values["run_name"], values["training_seed"], folder.name))
        folder.mkdir()
        (folder / "metrics.json").write_text(json.dumps({NAME: values["training_seed"]}))

    repeats = seed_repeats([3, 5])
    text = run_repeats(repeats, {"run_name": "tiny", "training_seed": 0}, tmp_path, run)
    assert names == [("tiny-seed_3", 3, "seed_3"), ("tiny-seed_5", 5, "seed_5")]
    assert read_metrics(tmp_path, SEED)[NAME]["mean"] == 4.0
    assert "Mean over the seeds 3, 5" in text
    assert json.loads((tmp_path / "metrics_by_seed.json").read_text())["seeds"] == [3, 5]
    assert repeats_in(tmp_path, SEED) == [3, 5]


def test_what_is_finished_is_put_together_where_a_later_run_fails(tmp_path: Path) -> None:
    def run(values: dict[str, Value], folder: Path) -> None:
        if folder.name == "fold_2":
            raise ValueError("broken")
        folder.mkdir()
        (folder / "metrics.json").write_text(json.dumps({NAME: 1.0}))

    repeats = Repeats("fold", {number: {"seed": number} for number in (1, 2, 3)})
    with pytest.raises(ValueError, match="broken"):
        run_repeats(repeats, {"run_name": "tiny"}, tmp_path, run)
    assert repeats_in(tmp_path, "fold") == [1]
    assert repeats_in(tmp_path, SEED) == []
