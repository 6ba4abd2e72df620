"""What a sweep leaves: its trials sorted by the objective, and the best settings to run with."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from components.shared.markdown import escaped, table
from components.shared.storage import store
from components.shared.storage.atomic import write_json, write_text
from pipeline.commands.options import settings_texts
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.objective import MAXIMISE
from pipeline.sweeps.trial import Trial, as_record

RESULTS, BEST, TABLE = "sweep.json", "best.yaml", "sweep.md"


def ranked(sweep: Sweep, trials: Sequence[Trial]) -> list[Trial]:
    """The trials, the best first; of equals the earlier, and those without a figure last."""
    sign = -1 if sweep.objective.direction == MAXIMISE else 1

    def place(trial: Trial) -> tuple[bool, float, int]:
        known = trial.objective is not None
        return (not known, sign * (trial.objective or 0.0), trial.number)

    return sorted(trials, key=place)


def best_settings(sweep: Sweep, trials: Sequence[Trial]) -> dict[str, Any] | None:
    """The settings over the preset's of the best trial; None where no trial has a figure."""
    best = ranked(sweep, trials)[0]
    return None if best.objective is None else {**sweep.settings, **best.settings}


def write_results(sweep: Sweep, trials: Sequence[Trial], output: Path) -> str:
    """Write sweep.json, sweep.md and best.yaml, which alone has signed addresses whole.

    Args:
        sweep: The sweep.
        trials: What is known of each trial.
        output: The sweep's folder.

    Returns:
        The table, and the best settings as options of `run`, for the terminal.
    """
    order, best = ranked(sweep, trials), best_settings(sweep, trials)
    objective = {"metric": sweep.objective.name, "direction": sweep.objective.direction}
    shown = best if best is None else store.without_secrets(best)
    content = {"objective": objective, "preset": sweep.preset, "best": shown,
               "trials": [as_record(trial) for trial in order]}  # fmt: skip
    write_json(output / RESULTS, content)
    text = _table(sweep, order)
    if best is not None and shown is not None:
        write_text(output / BEST, yaml.safe_dump(best, sort_keys=False))
        options = [part for one in settings_texts(shown) for part in ("--set", one)]
        line = shlex.join(["--preset", sweep.preset, *options])
        text += f"\n\nBest:    {line}\n         the same: --preset {sweep.preset} "
        text += f"--set @{shlex.quote(str(output / BEST))}"
    else:
        # Of an earlier start, whose trials were others.
        (output / BEST).unlink(missing_ok=True)
    write_text(output / TABLE, f"{text}\n")
    return text


def _table(sweep: Sweep, order: Sequence[Trial]) -> str:
    names = list(order[0].settings)
    rows = [
        [str(trial.number), _figure(trial), *(escaped(str(shown[name])) for name in names)]
        for trial in order
        for shown in [store.without_secrets(trial.settings)]
    ]
    return table(["trial", sweep.objective.name, *names], rows)


def _figure(trial: Trial) -> str:
    if trial.objective is not None:
        return f"{trial.objective:.4f}"
    return escaped(f"{trial.state}: {trial.error}") if trial.error else trial.state
