"""A sweep on this machine: a pipeline run a trial, one after the other, with shared stages."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.shared.execution.progress import say
from components.shared.settings.parameter import Value
from pipeline.local.run_id import run_id_of
from pipeline.local.runner import RunFailed
from pipeline.sweeps.file import Sweep, in_words
from pipeline.sweeps.trial import FAILED, FINISHED, Trial, begun, keep, run_name, trial_folder

Run = Callable[[dict[str, Value], Path], Sequence[Mapping[str, Any]]]
"""Runs the pipeline with these values into this folder; returns the records of its tasks."""


def run_trials(sweep: Sweep, output: Path, run: Run, ended: Callable[[Trial], None]) -> list[Trial]:
    """Run every trial that is not finished yet; one that fails is noted, and the others go on.

    Args:
        sweep: The sweep.
        output: Its folder, where stages that trials share are kept once.
        run: Runs a trial.
        ended: Told of each that has just ended.

    Returns:
        What is known of each, in their order.
    """
    return [
        _taken(trial) if trial.state == FINISHED else _tried(sweep, trial, output, run, ended)
        for trial in begun(sweep, output, "")
    ]


def _taken(trial: Trial) -> Trial:
    say(f"trial {trial.number}: finished before")
    return trial


def _tried(
    sweep: Sweep, trial: Trial, output: Path, run: Run, ended: Callable[[Trial], None]
) -> Trial:
    folder = trial_folder(output, trial.number)
    say(f"trial {trial.number} of {len(sweep.trials)}: {in_words(trial.settings)}")
    values = sweep.values(trial.settings)
    found: dict[str, Any]
    try:
        tasks = run({**values, "run_name": run_name(sweep, trial)}, folder)
        found = {"state": FINISHED, "objective": sweep.objective.of_tasks(tasks)}
    except (RunFailed, ValueError) as error:
        say(f"trial {trial.number} failed: {error}")
        found = {"state": FAILED, "error": str(error)}
    done = dataclasses.replace(trial, run_id=run_id_of(folder) or "", **found)
    # Told again where it is not kept: a trial that is kept as finished is taken without a word.
    ended(done)
    return keep(done, output)
