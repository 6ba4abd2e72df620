"""Several seeds of the training in one command."""

import json
from pathlib import Path

import pytest
from support.commands import SMALL, environment, metrics_of, pipeline_command, settings

REPEATED = {
    *("pretrain_visual", "embed_images", "train_devise", "fit_baselines", "rank_images"),
    *("evaluate", "draw_report", "register_model"),
}


@pytest.mark.slow
def test_a_seed_repeats_the_training_alone_and_has_its_own_results(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    done = pipeline_command(
        project,
        *("run", "--preset", "quickstart", "--output", str(output), "--seeds", "3,4"),
        *(*settings(str(quickstart_data)), *SMALL),
        env=environment(tmp_path),
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    second = json.loads((output / "seed_4" / "run.json").read_text())
    again = {task["task"].split("-")[0] for task in second["tasks"] if not task["reused"]}
    assert again == REPEATED
    together = json.loads((output / "metrics_by_seed.json").read_text())
    assert together["seeds"] == [3, 4]
    name = "softmax/seen/flat_hit_at_1"
    values = [metrics_of(output / f"seed_{seed}")[name] for seed in (3, 4)]
    assert together["metrics"][name]["values"] == values
    assert together["metrics"][name]["mean"] == pytest.approx(sum(values) / 2)
    assert "Mean over the seeds 3, 4" in done.stdout
    tables = pipeline_command(project, "results", str(output), env=environment(tmp_path))
    assert tables.returncode == 0, tables.stderr
    assert "### seen" in tables.stdout
    assert "Frome et al. 2013" in tables.stdout
