"""A sweep on this machine, from its file to the settings that it finds best."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.commands import SMALL, environment, printed, settings

RATE = "devise_phase_1_learning_rate"
FILE = f"""
settings: {{devise_variants: []}}
objective: {{metric: train_devise-devise/validation_hit_at_1}}
parameters: {{{RATE}: [0.000001, 0.1]}}
"""


def tasks_of(trial: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((trial / "run.json").read_text())["tasks"]
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("own_database")
def test_two_rates_are_tried_on_shared_stages_and_the_better_is_kept(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    file, output = tmp_path / "rates.yaml", tmp_path / "sweep"
    file.write_text(FILE)
    given = [*settings(str(quickstart_data)), *SMALL, "--set", "devise_phase_2_epochs=0"]

    def swept() -> str:
        command = ["sweep", str(file), "--output", str(output), *given]
        return printed(project, *command, env=environment(tmp_path))

    told = swept()
    found = json.loads((output / "sweep.json").read_text())
    assert [trial["settings"] for trial in found["trials"]] == [{RATE: 0.1}, {RATE: 1e-6}]
    better, worse = (trial["objective"] for trial in found["trials"])
    assert better > worse
    best = yaml.safe_load((output / "best.yaml").read_text())
    assert best == found["best"]
    assert (best[RATE], best["devise_variants"], best["visual_epochs"]) == (0.1, [], 2)
    assert f"--set @{output / 'best.yaml'}" in told

    trials = [output / f"trial_{number:03}" for number in (1, 2)]
    first, second = map(tasks_of, trials)
    model = json.loads((trials[1] / "devise_model" / "config.json").read_text())
    assert model["training"]["validation_hit_at_1"] == better
    assert not any(task["reused"] for task in first)
    again = {task["task"].split("-")[0] for task in second if not task["reused"]}
    assert again == {"train_devise"}, "the trials differ in nothing else"

    before = [(trial / "run.json").read_bytes() for trial in trials]
    told_again = swept()
    assert "trial 1: finished before" in told_again
    assert "trial 2: finished before" in told_again
    assert "train_devise" not in told_again.partition("Best:")[0].replace(
        "train_devise-devise/validation_hit_at_1", ""
    )
    assert [(trial / "run.json").read_bytes() for trial in trials] == before
    assert json.loads((output / "sweep.json").read_text()) == found
