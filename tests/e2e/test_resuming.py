"""Runs that are repeated, killed and resumed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from support.commands import SMALL, Run, environment, metrics_of, pipeline_command, settings


def run_command(output: Path, data: Path) -> list[str]:
    whole = ["run", "--preset", "quickstart", "--output", str(output)]
    return [*whole, *settings(str(data)), *SMALL]


def reused(output: Path) -> dict[str, bool]:
    tasks = json.loads((output / "run.json").read_text())["tasks"]
    return {task["task"]: task["reused"] for task in tasks}


RESUMED = {
    "pack_images": "pack_images: goes on after",
    "prepare_corpus": "prepare_corpus: goes on after",
    "train_skipgram": "train_skipgram: goes on after block",
    "pretrain_visual": "pretrain_visual: resumed after epoch",
    "embed_images": "embed_images: goes on after",
    "train_devise": "train_devise (devise), phase 1: resumed after epoch",
    "rank_images": "rank_images: of the answers of pretrained all are taken",
}
"""Every stage with checkpoints, and what it says when it goes on."""


def killed_or_done(
    project: Path, command: list[str], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run the command, all of whose processes are killed where a stage saves that has not died."""
    paths = (str(project), str(project / "tests" / "support" / "killed"))
    return subprocess.run(
        [sys.executable, str(project / "pipeline.py"), *command],
        cwd=project,
        env={**env, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("own_database")
def test_a_run_killed_in_every_stage_with_checkpoints_ends_with_the_metrics_of_an_undisturbed_one(
    project: Path, quickstart_data: Path, small_run: Run, tmp_path: Path
) -> None:
    command, died = run_command(tmp_path / "run", quickstart_data), tmp_path / "died"
    died.mkdir()
    env = environment(tmp_path, DEVISE_CHECKPOINT_SECONDS="0", DIES_ONCE=str(died))
    killed = [killed_or_done(project, command, env) for _ in RESUMED]
    assert {run.returncode for run in killed} == {-signal.SIGKILL}
    assert {file.name for file in died.iterdir()} == set(RESUMED)
    assert not (tmp_path / "run" / "metrics.json").exists()
    done = killed_or_done(project, command, env)
    assert done.returncode == 0, done.stdout
    # A seed repeats them, killed or not.
    assert metrics_of(tmp_path / "run") == small_run.metrics
    said = "".join(run.stdout for run in [*killed, done])
    assert [sentence for sentence in RESUMED.values() if sentence not in said] == []
    assert not [file for file in (tmp_path / "run" / "checkpoints").rglob("*") if file.is_file()]
    assert reused(tmp_path / "run")["train_skipgram"]


def with_flipped_signs(weights: Path) -> None:
    """Change a model as a faulty disk or a hurried hand may: it can be read as before."""
    arrays = load_file(weights)
    with safe_open(weights, framework="numpy") as opened:
        header = opened.metadata()
    save_file(
        {name: np.asarray(-array) for name, array in arrays.items()}, weights, metadata=header
    )


@pytest.mark.slow
def test_what_is_damaged_is_said_and_made_again_and_another_report_drawn_with_the_same_metrics(
    project: Path, quickstart_data: Path, small_run: Run
) -> None:
    stages, output = small_run.output / "stages", small_run.output
    (key,) = (
        task["key"]
        for task in json.loads((output / "run.json").read_text())["tasks"]
        if task["task"] == "train_devise-devise"
    )
    with_flipped_signs(stages / "train_devise" / key / "devise_model" / "model.safetensors")
    (record,) = (stages / "train_skipgram").rglob("finished.json")
    record.write_bytes(record.read_bytes()[:100])
    (table,) = (stages / "prepare_taxonomy").rglob("synsets.parquet")
    table.unlink()
    shard = max((output / "images").glob("*.shard"), key=lambda file: file.stat().st_size)
    shard.write_bytes(bytes(shard.stat().st_size))
    (output / "run_id").write_bytes(b"")
    half = output / "images" / ".0.shard.0.aside"
    half.mkdir()
    with (output / "metrics.json").open("r+") as result:
        result.write("edited")
    command = [*run_command(output, quickstart_data), "--set", "report_gallery_images=2"]
    done = pipeline_command(project, *command, env=environment(output.parent))
    assert done.returncode == 0, done.stderr
    again = {task for task, is_reused in reused(output).items() if not is_reused}
    # What gathers the models links their files, and so may have the damaged one.
    again -= {"fit_baselines"}
    # Of what is not damaged nothing but the report is another.
    damaged = {"prepare_taxonomy", "train_skipgram", "train_devise-devise"}
    assert again == {*damaged, "draw_report"}
    assert metrics_of(output) == small_run.metrics
    assert not half.exists()
    said = (
        *("devise_model is damaged", "finished.json is damaged", "taxonomy is damaged"),
        *("shards are gone or damaged", "run_id is damaged", "killed runs removed: 1"),
    )
    assert [text for text in said if text not in done.stdout] == []


def test_other_parameters_in_the_same_folder_repeat_only_the_stages_that_they_touch(
    project: Path, quickstart_data: Path, small_run: Run
) -> None:
    command = [*run_command(small_run.output, quickstart_data), "--set", "evaluate_conse_top=3"]
    done = pipeline_command(project, *command, env=environment(small_run.output.parent))
    assert done.returncode == 0, done.stderr
    again = reused(small_run.output)
    assert again["train_devise-devise"]
    assert not again["rank_images"]
    assert not again["evaluate"]


def test_a_run_may_have_no_variants(project: Path, quickstart_data: Path, small_run: Run) -> None:
    command = [*run_command(small_run.output, quickstart_data), "--set", "devise_variants=[]"]
    done = pipeline_command(project, *command, env=environment(small_run.output.parent))
    assert done.returncode == 0, done.stderr
    assert {"train_devise-devise", "train_devise-random"} <= set(reused(small_run.output))
    assert "train_devise-devise_l2" not in reused(small_run.output)
    models = {name.split("/")[0] for name in metrics_of(small_run.output)}
    assert {"devise", "random"} <= models
    assert "devise_l2" not in models
