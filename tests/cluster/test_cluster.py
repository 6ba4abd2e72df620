"""What docs/cluster.md says of runs, on the cluster that the environment names.

Six runs of three to thirty minutes, one after the other, because each finds in the
cache what those before it left. All tests lie in one file, so that they share them also where tests
run several at a time.
"""

from collections.abc import Mapping

import pytest
from support.commands import Run
from support.killing import Survivor
from support.real_cluster import ClusterRun, RealCluster

from components.register_model.registry import ALIAS
from pipeline.cluster.sizes import STAGES

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3 * 3600)]

EVERY = {stage.replace("_", "-") for stage in STAGES}
ALWAYS = {"open-run", "register-model"}
"""Stages that no cache ever takes."""
OF_TEXT = {"prepare-corpus", "train-skipgram", "map-synsets", "train-devise"}
OF_IMAGES = {"prepare-images", "pretrain-visual", "pretrain-visual-2", "map-synsets"}
OF_FIGURES = {"fit-baselines", "rank-images", "evaluate", "draw-report"}
APART = 0.05
"""So far may figures of two environments be apart where they hang on word vectors."""


def without_word_vectors(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if not name.startswith("devise")}


def test_a_run_has_the_figures_of_the_same_run_on_this_machine(
    on_this_machine: Run, quickstart: ClusterRun
) -> None:
    ours, theirs = on_this_machine.metrics, quickstart.figures
    assert without_word_vectors(theirs) == without_word_vectors(ours)
    assert theirs == pytest.approx(ours, abs=APART)


def test_the_first_model_is_the_champion(cluster: RealCluster, quickstart: ClusterRun) -> None:
    champion = cluster.mlflow.get_model_version_by_alias(cluster.name, ALIAS)
    assert champion.run_id in {run.info.run_id for run in cluster.rows(quickstart.run_id)}


def test_the_same_again_comes_from_the_cache_whole(again: ClusterRun) -> None:
    assert again.worked == ALWAYS


def test_a_run_out_of_the_cache_has_its_row_and_figures(
    quickstart: ClusterRun, again: ClusterRun
) -> None:
    assert again.figures == quickstart.figures
    assert (quickstart.tags["cached"], again.tags["cached"]) == ("false", "true")


def test_the_same_model_is_not_registered_again(again: ClusterRun) -> None:
    assert "Nothing new: version 1 is this very model" in again.tags["registration"]


def test_a_terminated_run_does_not_stay_running(
    cluster: RealCluster, terminated: ClusterRun, again: ClusterRun
) -> None:
    assert {run.info.status for run in cluster.rows(terminated.run_id)} <= {"KILLED", "FINISHED"}
    assert cluster.row(terminated.run_id).info.status == "KILLED"


def test_a_new_article_behind_the_same_address_trains_what_reads_text_again(
    quickstart: ClusterRun, with_new_text: ClusterRun
) -> None:
    assert with_new_text.worked == ALWAYS | OF_TEXT | OF_FIGURES
    # The other address, whose text is as it was.
    assert "prepare-corpus" in with_new_text.cached
    assert with_new_text.figures != quickstart.figures


def test_a_schedule_trains_again_what_reads_a_new_image_and_is_removed(
    cluster: RealCluster, scheduled: ClusterRun
) -> None:
    assert {"prepare-corpus", "train-skipgram", "prepare-taxonomy"} <= scheduled.cached
    assert scheduled.worked >= ALWAYS | OF_IMAGES | OF_FIGURES
    assert scheduled.figures.keys() >= {"devise/seen/flat_hit_at_1"}
    listed = cluster.command("schedules", "--namespace", cluster.namespace)
    assert cluster.name not in listed


def test_a_run_whose_every_stage_was_killed_once_ends_with_equal_figures(
    quickstart: ClusterRun, survivor: Survivor
) -> None:
    assert survivor.killed.keys() >= EVERY
    assert survivor.repeated == set(survivor.killed)
    assert survivor.run.figures == quickstart.figures


def test_compare_shows_the_runs_side_by_side(
    cluster: RealCluster, quickstart: ClusterRun, again: ClusterRun, with_new_text: ClusterRun
) -> None:
    rows = {row["run"]: row for row in cluster.compared()}
    shown = [rows[run.row.info.run_name] for run in (quickstart, again, with_new_text)]
    assert [row["cached"] for row in shown] == ["", "yes", ""]
    assert [row["status"] for row in shown] == ["FINISHED"] * 3
