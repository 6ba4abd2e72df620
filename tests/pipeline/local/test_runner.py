"""The runner over pipelines of one task, which leaves what all stages of a run leave."""

import fcntl
import json
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl, local

from components.shared.settings.parameter import Value
from pipeline.local.runner import (
    LEFT_BEHIND,
    PIPELINE_ROOT,
    RunFailed,
    run,
    stage_environment,
    stages_of,
    subprocesses,
)
from pipeline.local.stopping import Stopped

RUN_ID = "abc" + "0" * 29
VALUES: dict[str, Value] = {
    "seed": 0,
    "images_uri": "https://me:hunter2@host/images",
    "corpus_uris": ["text"],
    "images_parts": 1,
    "evaluate_parts": 1,
    "devise_variants": [],
}


def every_stage(files: list[str], text: str) -> None:
    """Leave what the stages of a run leave: records, and the artifacts of finished stages."""
    import os

    from components.shared.execution.run_folder import finished_folder, leave

    finished = finished_folder()
    assert finished is not None
    print("every_stage: started")
    for number, where in enumerate(files):
        task, artifact, file = where.split(" ")
        stage = task.partition("-")[0]
        place = finished / stage / "key" / artifact / file
        folder = artifact == "devise_model" and not file
        place = place / "model.safetensors" if folder else place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        record = {
            "task": task,
            "stage": stage,
            "key": "key",
            "started": float(len(files) - number),
            "seconds": 1.0,
            "reused": False,
            "code_version": os.environ["KFP_RUN_ID"],
        }
        leave("tasks", f"{task}-key", {**record, "packages": {}, "outputs": {}, "inputs": {}})


def failing_stage(files: list[str], text: str) -> None:
    """Fail as stages fail: with a record, or without one where the process is killed."""
    import os

    from components.shared.execution.run_folder import record_failure

    if text == "killed":
        os._exit(9)
    with record_failure("prepare_images"):
        raise {"ValueError": ValueError, "KeyError": KeyError}[text]("images_uri holds no class")


def alone(function: Callable[..., None], text: str) -> Any:
    """A pipeline of this task."""
    component = dsl.component(function, base_image="python", install_kfp_package=False)

    def pipeline() -> None:
        component(files=[" ".join(place) for place in LEFT_BEHIND.values()], text=text)

    return dsl.pipeline(name="alone")(pipeline)


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a run that is started in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "run"


def done(output: Path, text: str, values: Mapping[str, Value] = VALUES, **more: Any) -> list[Any]:
    return run(alone(every_stage, text), {}, values, output, subprocesses, **more)


def test_what_a_run_leaves_comes_from_its_stages(output: Path) -> None:
    tasks = done(output, "first")
    assert [task["started"] for task in tasks] == sorted(task["started"] for task in tasks)
    assert {task["task"] for task in tasks} == {task for task, _, _ in LEFT_BEHIND.values()}
    for name in LEFT_BEHIND:
        left = output / name / "model.safetensors" if name == "devise_model" else output / name
        assert left.read_text() == "first"
    assert not (output / PIPELINE_ROOT).exists()


def test_its_summary_says_what_was_run_and_no_secret(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://anna:hunter2@mlflow")
    done(output, "first")
    summary = json.loads((output / "run.json").read_text())
    assert summary["parameters"]["seed"] == 0
    assert summary["machine"]["processor"]
    assert summary["machine"]["threads"] >= 1
    assert summary["command"].startswith("python ")
    assert "hunter2" not in (output / "run.json").read_text()
    assert summary["run_id"] == (output / "run_id").read_text().split()[0]
    assert len(summary["tasks"]) == len({task for task, _, _ in LEFT_BEHIND.values()})
    # The stages were told the same.
    assert {task["code_version"] for task in summary["tasks"]} == {summary["run_id"]}


def test_the_same_values_are_the_same_run_and_its_files_are_replaced(output: Path) -> None:
    done(output, "first")
    before = (output / "run_id").read_text()
    done(output, "second")
    assert (output / "run_id").read_text() == before
    assert (output / "metrics.json").read_text() == "second"
    assert (output / "devise_model" / "model.safetensors").read_text() == "second"
    done(output, "third", {**VALUES, "seed": 1})
    assert (output / "run_id").read_text().split()[0] != before.split()[0]


def test_runs_can_share_their_finished_stages(output: Path, tmp_path: Path) -> None:
    done(output, "first", shared=tmp_path / "shared")
    assert (tmp_path / "shared" / "stages" / "evaluate").is_dir()
    assert not (output / "stages").exists()
    assert (output / "metrics.json").read_text() == "first"


def test_only_what_stages_say_is_passed_on(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done(output, "first")
    assert capsys.readouterr().out == "[1 of 17] every_stage: started\n"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("ValueError", "^prepare_images: images_uri holds no class$"),
        ("KeyError", r"(?s)^Traceback .*\nprepare_images: KeyError: 'images_uri holds no class'$"),
        ("killed", "left no error of its own: it was killed, perhaps for want of memory"),
    ],
)
def test_a_stage_that_fails_ends_the_run_in_its_own_words(
    output: Path, how: str, message: str
) -> None:
    with pytest.raises(RunFailed, match=message):
        run(alone(failing_stage, how), {}, VALUES, output, subprocesses)
    assert not (output / "run.json").exists()
    assert not (output / PIPELINE_ROOT).exists()


def test_what_an_earlier_attempt_left_is_not_taken_for_this_ones(output: Path) -> None:
    with pytest.raises(RunFailed):
        run(alone(failing_stage, "ValueError"), {}, VALUES, output, subprocesses)
    done(output, "second")
    assert not (output / "failures").exists()


def test_whoever_edits_a_result_changes_no_finished_stage(output: Path) -> None:
    done(output, "first")
    for name in LEFT_BEHIND:
        left = output / name / "model.safetensors" if name == "devise_model" else output / name
        with left.open("r+") as file:
            file.write("mine!")
    assert {file.read_text() for file in (output / "stages").rglob("*") if file.is_file()} == {
        "first"
    }


def test_what_a_killed_run_worked_with_is_gone_at_the_next_start(output: Path) -> None:
    done(output, "first")
    left = output / PIPELINE_ROOT / "tmp" / "features"
    left.parent.mkdir(parents=True)
    left.write_text("of the killed run")
    with pytest.raises(RunFailed):
        run(alone(failing_stage, "ValueError"), {}, VALUES, output, subprocesses)
    assert not left.exists()


def test_a_folder_with_other_files_is_refused_before_anything_is_removed(output: Path) -> None:
    (output / "tasks").mkdir(parents=True)
    (output / "tasks" / "monday.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"run holds what no run has left there, such as 'tasks'"):
        done(output, "first")
    assert (output / "tasks" / "monday.txt").read_text() == "mine"


def test_two_runs_at_once_cannot_write_to_one_folder(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.local.output_folder.LOCK_SECONDS", 0.2)
    output.mkdir()
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match=r"Another run is writing to .*run, or a stage"):
            done(output, "first")


def test_a_second_start_waits_for_what_is_left_of_the_first(output: Path) -> None:
    output.mkdir()
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        timer = threading.Timer(0.5, fcntl.flock, (lock, fcntl.LOCK_UN))
        timer.start()
        assert done(output, "first")
        timer.join()


def stopping_stage(files: list[str], text: str) -> None:
    """Send the command a signal, and go on as if nothing were."""
    import os
    import time

    process, number = text.split()
    os.kill(int(process), int(number))
    time.sleep(600)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_leaves_nothing_behind(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    stage = alone(stopping_stage, f"{os.getpid()} {int(number)}")
    with pytest.raises(Stopped, match=f"stopped by {number.name}: the same command goes on"):
        run(stage, {}, VALUES, output, subprocesses)
    assert not (output / PIPELINE_ROOT).exists()
    assert not (output / "failures").exists()
    assert "Traceback" not in "".join(capsys.readouterr())
    assert done(output, "first")


def test_after_a_stage_that_fails_no_other_begins(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = dsl.component(failing_stage, base_image="python", install_kfp_package=False)
    others = dsl.component(every_stage, base_image="python", install_kfp_package=False)

    def inner() -> None:
        others(files=[], text="later")

    nested = dsl.pipeline(name="inner")(inner)

    def both() -> None:
        failing(files=[], text="ValueError")
        nested()

    with pytest.raises(RunFailed, match="images_uri holds no class"):
        run(dsl.pipeline(name="both")(both), {}, VALUES, output, subprocesses)
    assert "every_stage: started" not in capsys.readouterr().out


def test_a_runner_of_ones_own_is_given_the_environment_and_the_root(output: Path) -> None:
    given: list[tuple[dict[str, str], Path]] = []

    @contextmanager
    def runner(environment: Mapping[str, str], root: Path) -> Iterator[local.SubprocessRunner]:
        given.append((dict(environment), root))
        assert root.is_dir()
        with subprocesses(environment, root) as chosen:
            yield chosen

    run(alone(every_stage, "first"), {}, VALUES, output, runner)
    ((environment, root),) = given
    assert environment["DEVISE_RUN_DIR"] == str(output)
    assert environment["TMPDIR"] == str(root / "tmp")


def test_stages_learn_the_run_its_folders_and_where_things_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run_id").write_text(f"{RUN_ID} {'0' * 16}\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://s")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://m")
    found = stage_environment(tmp_path, tmp_path / "root", tmp_path / "shared")
    assert (found["KFP_RUN_ID"], found["DEVISE_RUN_DIR"]) == (RUN_ID, str(tmp_path))
    assert found["DEVISE_STAGES_DIR"] == str(tmp_path / "shared" / "stages")
    assert found["DEVISE_COMMAND"].startswith("python ")
    assert (found["AWS_ENDPOINT_URL"], found["MLFLOW_TRACKING_URI"]) == ("http://s", "http://m")
    assert "AWS_REGION" not in found


def test_stages_are_given_what_opens_the_mlflow_server_where_it_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run_id").write_text(f"{RUN_ID} {'0' * 16}\n")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://m")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anna")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN", raising=False)
    found = stage_environment(tmp_path, tmp_path / "root", tmp_path)
    assert found["MLFLOW_TRACKING_USERNAME"] == "anna"
    assert found["MLFLOW_TRACKING_PASSWORD"] == "secret"
    assert "MLFLOW_TRACKING_TOKEN" not in found


def test_stages_are_given_threads_proxies_and_the_place_of_copies_of_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run_id").write_text(f"{RUN_ID} {'0' * 16}\n")
    told = {"OMP_NUM_THREADS": "1", "HTTPS_PROXY": "http://p:1", "no_proxy": "s3",
            "DEVISE_CACHE_BYTES": "9"}  # fmt: skip
    for name, value in {**told, "DEVISE_CACHE": "copies"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    found = stage_environment(tmp_path, tmp_path / "root", tmp_path)
    assert found.items() >= told.items()
    assert found["DEVISE_CACHE"] == str(tmp_path / "copies")


def test_finished_stages_lie_in_the_runs_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert stages_of(Path("run")) == tmp_path / "run" / "stages"


def test_the_environment_is_put_back_when_the_tasks_are_done(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    before = dict(os.environ)
    with subprocesses({"TMPDIR": str(tmp_path)}, tmp_path) as runner:
        assert runner.use_venv is False
        assert os.environ["PYTHONPATH"] == f"{project}{os.pathsep}elsewhere"
        assert tempfile.gettempdir() == str(tmp_path)
    assert dict(os.environ) == before
    assert tempfile.gettempdir() != str(tmp_path)
