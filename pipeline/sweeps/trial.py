"""One trial of a sweep: its place, and what is known of it once it has begun."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.shared.execution.code_version import code_version
from components.shared.storage import store
from components.shared.storage.atomic import write_json
from pipeline.cluster.sizes import STAGES
from pipeline.sweeps.file import Sweep

RECORDS = "trials"
"""In the sweep's folder: what is known of each trial, a file each."""
RUNNING, FINISHED, FAILED = "running", "finished", "failed"


@dataclass(frozen=True)
class Trial:
    """What is known of a trial.

    Attributes:
        number: Its place, from 1.
        settings: Those of its own.
        identity: Of all that determines it: settings, objective, code.
        run_id: Of its pipeline run; empty: it has not begun, as far as is known.
        state: `running`, `finished` or `failed`.
        objective: The figure; None: not known.
        error: Why it failed.
        mark: Ends the name of its pipeline run on a cluster, kept before the run is started;
            empty: it was not to be started yet.
    """

    number: int
    settings: Mapping[str, Any]
    identity: str
    run_id: str = ""
    state: str = RUNNING
    objective: float | None = None
    error: str = ""
    mark: str = ""


def run_name(sweep: Sweep, trial: Trial) -> str:
    """What a trial's pipeline run is called."""
    return f"{sweep.name}-trial_{trial.number:03}"


def trial_folder(output: Path, number: int) -> Path:
    """Where a trial's results lie."""
    return output / f"trial_{number:03}"


def begun(sweep: Sweep, output: Path, where: str) -> list[Trial]:
    """The trials of a sweep, those that an earlier start left as they were left.

    Args:
        sweep: The sweep.
        output: Its folder.
        where: What else tells one start from another: this machine, or a cluster's address.
    """
    every = [
        Trial(number, settings, _identity(sweep, settings, where))
        for number, settings in enumerate(sweep.trials, 1)
    ]
    return [_left(trial, output) for trial in every]


def keep(trial: Trial, output: Path) -> Trial:
    """Leave a trial's record in the sweep's folder, and return the trial."""
    write_json(_record(output, trial.number), as_record(trial))
    return trial


def as_record(trial: Trial) -> dict[str, Any]:
    """A trial for records, its settings without what signed addresses keep secret."""
    return {**dataclasses.asdict(trial), "settings": store.without_secrets(trial.settings)}


def _record(output: Path, number: int) -> Path:
    return output / RECORDS / f"{number:03}.json"


def _left(trial: Trial, output: Path) -> Trial:
    file = _record(output, trial.number)
    if not file.is_file():
        return trial
    found = json.loads(file.read_text(encoding="utf-8"))
    # Of other settings or code: it is tried again.
    is_same = found["identity"] == trial.identity and found["state"] != FAILED
    return Trial(**{**found, "settings": trial.settings}) if is_same else trial


def _identity(sweep: Sweep, settings: Mapping[str, Any], where: str) -> str:
    code = [code_version(stage) for stage in STAGES]
    content = [sweep.values(settings), sweep.objective.name, where, code]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
