import shutil
from pathlib import Path

import pandas as pd
import pytest

from components.shared.execution import tracking
from components.shared.execution.liveness import SEEN_TAG
from components.shared.execution.tracked_stage import tracked
from pipeline.results import runs
from pipeline.results.runs import HEADLINE, as_text, runs_table

HIT, OTHER = "devise/seen/flat_hit_at_1", "softmax/seen/flat_hit_at_1"


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An MLflow of the test's own."""
    shutil.copyfile(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


def write_run(
    monkeypatch: pytest.MonkeyPatch, name: str, margin: float, metrics: dict[str, float]
) -> None:
    """A pipeline run with a stage, as the stages themselves leave them."""
    monkeypatch.setenv("KFP_RUN_ID", f"id of {name}")
    parent = tracking.open_parent("devise", name, {})
    assert parent is not None
    values = {"devise_margin": margin, "seed": 0, "run_name": name, "images_uri": name}
    tracking.log_parameters(parent, {f"pipeline.{key}": value for key, value in values.items()})
    with tracked("evaluate", "key") as tracker:
        tracker.parameters({"evaluate.conse_top": margin})
        tracker.headline(metrics)
    tracking.close_parent("FINISHED" if metrics else "FAILED")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_each_pipeline_run_is_a_row_with_what_differs_and_its_figures(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(monkeypatch, "first", 0.1, {HIT: 0.5, OTHER: 0.6, "conse/seen/flat_hit_at_1": 0.4})
    hp, mean = "devise/seen/hierarchical_precision_at_5", "devise/unseen_plus_seen/harmonic_mean"
    few = {"chance/seen/flat_hit_at_1": 0.25, "chance/unseen_plus_seen/flat_hit_at_1": 0.25}
    write_run(monkeypatch, "second", 0.2, {HIT: 0.7, hp: 0.8, mean: 0.2, **few})
    write_run(monkeypatch, "broken", 0.2, {})
    table = runs_table("devise").set_index("run")
    assert set(table.index) == {"first", "second", "broken"}
    assert list(table.columns) == ["started", "status", "cached", "devise_margin", *HEADLINE]
    assert table["status"].to_dict() == {
        "first": "FINISHED", "second": "FINISHED", "broken": "FAILED",
    }  # fmt: skip
    assert table["devise_margin"].to_dict() == {"first": "0.1", "second": "0.2", "broken": "0.2"}
    assert table.loc["first", [HIT, OTHER]].tolist() == [0.5, 0.6]
    assert table.loc["broken", list(HEADLINE)].isna().all()
    assert table.loc["second", [HIT, mean]].tolist() == [0.7, 0.2]
    assert pd.isna(table.loc["second", hp]), "of four labels no k = 5"
    chosen = runs_table("devise", ("conse/seen/flat_hit_at_1",))
    assert list(chosen.columns)[-1] == "conse/seen/flat_hit_at_1"
    assert OTHER not in chosen


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_run_taken_from_the_cache_has_its_row_its_figures_and_a_mark(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, cached in (("made", "false"), ("taken", "true")):
        write_run(monkeypatch, name, 0.1, {HIT: 0.25})
        parent = tracking.find_parent()
        assert parent is not None
        tracking.set_tags(parent, {"cached": cached})
    table = runs_table("devise").set_index("run")
    assert table[HIT].to_dict() == {"made": 0.25, "taken": 0.25}
    assert table["cached"].to_dict() == {"made": "", "taken": "yes"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_run_that_died_without_a_word_is_lost(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seen in (("working", {}), ("dead", {SEEN_TAG: "2026-01-01T00:00:00+00:00"})):
        monkeypatch.setenv("KFP_RUN_ID", f"id of {name}")
        tracking.open_parent("devise", name, seen)
    table = runs_table("devise").set_index("run")
    assert table["status"].to_dict() == {"working": "RUNNING", "dead": "LOST"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_what_has_no_runs_is_refused(database: str) -> None:
    with pytest.raises(ValueError, match="no experiment 'devise'; it has Default"):
        runs_table("devise")
    with pytest.raises(ValueError, match="Experiment 'Default' has no pipeline run yet"):
        runs_table("Default")


def test_figures_are_in_percent_and_none_is_marked() -> None:
    table = pd.DataFrame(
        {"run": ["one", "two", "three"], "seed": ["0", "1", "2"],
         HIT: [0.125, 0.5, 0.5], OTHER: [0.3, None, 0.2]}
    )  # fmt: skip
    head, *rows = (line.split() for line in as_text(table).splitlines())
    assert head == ["run", "seed", HIT, OTHER]
    assert rows == [
        ["one", "0", "12.5%", "30.0%"],
        ["two", "1", "50.0%", "-"],
        ["three", "2", "50.0%", "20.0%"],
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_runs_are_shown_however_many_pages_of_mlflows_they_are(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PAGE", 2)
    names = {f"run {number}" for number in range(5)}
    for name in names:
        write_run(monkeypatch, name, 0.1, {HIT: 0.5})
    assert set(runs_table("devise")["run"]) == names
