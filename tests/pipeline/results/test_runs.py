"""Pipeline runs side by side, from a real MLflow server."""

import uuid
from collections.abc import Mapping

import pytest

from components.shared.execution import tracking
from components.shared.execution.liveness import SEEN_TAG
from pipeline.results.runs import as_text, runs_table

HIT = "devise/seen/flat_hit_at_1"


@pytest.fixture
def experiment(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    return f"compared-{uuid.uuid4().hex}"


def begin(
    experiment: str, name: str, parameters: Mapping[str, object], monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    run_id = tracking.open_parent(experiment, name, {})
    assert run_id is not None
    shown = {f"pipeline.{parameter}": value for parameter, value in parameters.items()}
    tracking.log_parameters(run_id, shown)
    return run_id


def end(run_id: str, figure: float, cached: str) -> None:
    """What the last stage leaves on the parent."""
    tracking.log_metrics(run_id, {HIT: figure}, None)
    tracking.set_tags(run_id, {"cached": cached})
    tracking.close_parent("FINISHED")


def test_a_run_taken_from_the_cache_has_its_row_its_figures_and_a_mark(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, cached in (("made", "false"), ("taken", "true")):
        end(begin(experiment, name, {"seed": 0}, monkeypatch), 0.25, cached)
    table = runs_table(experiment).set_index("run")
    assert table[HIT].to_dict() == {"made": 0.25, "taken": 0.25}
    assert table["cached"].to_dict() == {"made": "", "taken": "yes"}
    assert set(table["status"]) == {"FINISHED"}


def test_only_parameters_that_differ_are_shown(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for margin in (0.1, 0.2):
        parameters = {"seed": 0, "devise_margin": margin, "images_uri": margin}
        begin(experiment, f"run {margin}", parameters, monkeypatch)
    table = runs_table(experiment)
    assert sorted(table["devise_margin"]) == ["0.1", "0.2"]
    assert not {"seed", "images_uri"} & set(table)


def test_a_run_that_died_without_a_word_is_lost(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = begin(experiment, "working", {}, monkeypatch)
    assert working
    dead = begin(experiment, "dead", {}, monkeypatch)
    tracking.set_tags(dead, {SEEN_TAG: "2026-01-01T00:00:00+00:00"})
    table = runs_table(experiment).set_index("run")
    assert table["status"].to_dict() == {"working": "RUNNING", "dead": "LOST"}


def test_figures_are_shown_in_per_cent_with_the_best_marked_and_a_gap_as_a_dash(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(begin(experiment, "worse", {}, monkeypatch), 0.25, "false")
    end(begin(experiment, "better", {}, monkeypatch), 0.5, "true")
    begin(experiment, "begun", {}, monkeypatch)
    text = as_text(runs_table(experiment, (HIT,)))
    assert [line.split()[-1] for line in text.splitlines()] == [HIT, "-", "50.0%*", "25.0%"]


def test_an_experiment_that_is_not_there_is_refused_with_those_that_are(experiment: str) -> None:
    with pytest.raises(ValueError, match=r"no experiment 'none-such'; it has .*Default"):
        runs_table("none-such")


def test_an_experiment_without_a_pipeline_run_is_refused(experiment: str) -> None:
    tracking.client().create_experiment(experiment)
    with pytest.raises(ValueError, match="has no pipeline run yet"):
        runs_table(experiment)
