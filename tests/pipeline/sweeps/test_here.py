import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.shared.settings.parameter import Value
from pipeline.local.runner import RunFailed
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.here import run_trials
from pipeline.sweeps.objective import MAXIMISE, objective_of
from pipeline.sweeps.trial import Trial

SWEEP = Sweep(
    "margins",
    "quickstart",
    {},
    objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE),
    ({"devise_margin": 0.1}, {"devise_margin": 0.2}),
)


class Runs:
    """Runs of the pipeline that find the margin out as their figure."""

    def __init__(self, failing: float | None = None) -> None:
        self.failing = failing
        self.seen: list[tuple[Value, str]] = []
        self.ended: list[Trial] = []

    def __call__(self, values: dict[str, Value], folder: Path) -> list[Mapping[str, Any]]:
        self.seen.append((values["run_name"], folder.name))
        margin = values["devise_margin"]
        if margin == self.failing:
            raise RunFailed("train_devise: no memory")
        return [{"task": "train_devise-devise", "metrics": {"validation_hit_at_1": margin}}]


def test_every_trial_is_a_run_of_its_own_name_and_folder(tmp_path: Path) -> None:
    runs = Runs()
    found = run_trials(SWEEP, tmp_path, runs, runs.ended.append)
    assert runs.seen == [
        ("margins-trial_001", "trial_001"),
        ("margins-trial_002", "trial_002"),
    ]
    assert [trial.objective for trial in found] == [0.1, 0.2]
    assert runs.ended == found


def test_a_sweep_started_again_takes_finished_trials_and_tries_failed_ones(
    tmp_path: Path,
) -> None:
    first = Runs(failing=0.1)
    found = run_trials(SWEEP, tmp_path, first, first.ended.append)
    assert [trial.error for trial in found] == ["train_devise: no memory", ""]
    second = Runs()
    again = run_trials(SWEEP, tmp_path, second, second.ended.append)
    assert [name for _, name in second.seen] == ["trial_001"]
    assert [trial.objective for trial in again] == [0.1, 0.2]


def test_a_trial_that_was_not_told_of_is_not_kept_as_finished(tmp_path: Path) -> None:
    def killed(_trial: Trial) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trials(SWEEP, tmp_path, Runs(), killed)
    again = Runs()
    run_trials(SWEEP, tmp_path, again, again.ended.append)
    assert [trial.number for trial in again.ended] == [1, 2]


def test_a_trial_whose_figure_is_no_number_has_failed(tmp_path: Path) -> None:
    def run(_values: dict[str, Value], _folder: Path) -> list[Mapping[str, Any]]:
        return [{"task": "train_devise-devise", "metrics": {"validation_hit_at_1": math.nan}}]

    found = run_trials(SWEEP, tmp_path, run, lambda _trial: None)
    assert [trial.state for trial in found] == ["failed", "failed"]
    assert "is nan, no number" in found[0].error
