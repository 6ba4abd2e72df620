"""A short run on a real S3 server and a real MLflow server, and what people do with its model.

A tenth of all calls to the two fails while it runs, in every way that passes.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import SMALL, Run, environment, finished, pipeline_command, printed, settings
from support.fault_proxy import PASSING, at_rate, faults_before

from components.shared.execution import tracking
from components.shared.storage import store
from pipeline.cli import main


@pytest.fixture(scope="module")
def remote_run(
    project: Path,
    quickstart_data: Path,
    s3_server: dict[str, str],
    mlflow_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """The short run with text, images, shards and checkpoints in S3 and its record in MLflow."""
    faults = at_rate(0.1)
    folder = tmp_path_factory.mktemp("remote")
    for file in sorted(file for file in quickstart_data.rglob("*") if file.is_file()):
        name = file.relative_to(quickstart_data).as_posix()
        with pytest.MonkeyPatch.context() as patched:
            for key, value in s3_server.items():
                patched.setenv(key, value)
            store.upload(file, f"s3://devise/quickstart/{name}")
    with (
        faults_before(s3_server["AWS_ENDPOINT_URL"], *faults) as objects,
        faults_before(mlflow_server, *faults) as record,
    ):
        servers = {"AWS_ENDPOINT_URL": objects.url, "MLFLOW_TRACKING_URI": record.url}
        told = printed(
            project,
            *("run", "--preset", "quickstart", "--output", str(folder / "run")),
            *(*settings("s3://devise/quickstart"), *SMALL),
            *("--set", "images_store_uri=s3://devise/shards"),
            *("--set", "checkpoints_uri=s3://devise/checkpoints"),
            *("--set", "mlflow_experiment=remote"),
            env=environment(folder, **{**s3_server, **servers}),
        )
    assert set(objects.done) == set(record.done) == set(PASSING)
    return finished(folder / "run", told)


def test_its_metrics_equal_those_of_the_undisturbed_run(remote_run: Run, small_run: Run) -> None:
    assert remote_run.metrics == small_run.metrics


def test_shards_are_in_the_object_store_and_nothing_else_of_a_run_that_is_done(
    remote_run: Run, s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in s3_server.items():
        monkeypatch.setenv(key, value)
    assert store.list_files("s3://devise/shards")
    assert not store.exists("s3://devise/checkpoints")
    assert not (remote_run.output / "images").exists()
    assert not (remote_run.output / "checkpoints").exists()


def test_its_headline_metrics_are_on_one_parent_run_with_a_nested_run_a_stage(
    remote_run: Run, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    client = tracking.client()
    experiment = client.get_experiment_by_name("remote")
    assert experiment is not None
    (parent,) = client.search_runs([experiment.experiment_id], "tags.stage = 'pipeline'")
    assert parent.data.metrics == pytest.approx(remote_run.metrics)
    assert parent.info.status == "FINISHED"
    assert parent.data.params["pipeline.devise_margin"] == "0.1"
    nested = client.search_runs(
        [experiment.experiment_id], f"tags.`{tracking.PARENT_TAG}` = '{parent.info.run_id}'"
    )
    names = {run.info.run_name for run in nested}
    assert {"train_skipgram", "train_devise-devise", "train_devise-random", "evaluate"} <= names
    assert {run.info.status for run in nested} == {"FINISHED"}
    assert re.fullmatch(r"quickstart \d{4}-\d\d-\d\d \d\d:\d\d", parent.info.run_name)
    assert parent.data.tags["cached"] == "false"
    attached = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"report.html", "metrics.json", "confidence.json"} <= attached


def test_compare_shows_the_run(
    remote_run: Run,
    mlflow_server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    assert main(["compare", "--experiment", "remote"]) == 0
    assert "devise/seen/flat_hit_at_1" in capsys.readouterr().out
    assert main(["compare", "--experiment", "remote", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    hit = remote_run.metrics["devise/seen/flat_hit_at_1"]
    assert row["devise/seen/flat_hit_at_1"] == pytest.approx(hit)
    assert main(["compare", "--experiment", "no-such"]) == 2
    assert "no experiment 'no-such'" in capsys.readouterr().err


def test_a_run_whose_stages_were_all_finished_before_has_its_row_and_its_figures(
    project: Path, remote_run: Run, s3_server: dict[str, str], mlflow_server: str
) -> None:
    env = environment(remote_run.output.parent, **s3_server, MLFLOW_TRACKING_URI=mlflow_server)
    again = pipeline_command(
        project,
        *("run", "--preset", "quickstart", "--output", str(remote_run.output)),
        *(*settings("s3://devise/quickstart"), *SMALL),
        *("--set", "images_store_uri=s3://devise/shards"),
        *("--set", "checkpoints_uri=s3://devise/checkpoints"),
        *("--set", "mlflow_experiment=cached", "--set", "run_name=nothing new"),
        env=env,
    )
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr[-4000:]
    shown = pipeline_command(
        project, "compare", "--experiment", "cached", "--format", "json", env=env
    )
    (row,) = json.loads(shown.stdout)
    assert (row["run"], row["status"], row["cached"]) == ("nothing new", "FINISHED", "yes")
    hit = remote_run.metrics["devise/seen/flat_hit_at_1"]
    assert row["devise/seen/flat_hit_at_1"] == pytest.approx(hit)


def test_the_registered_champion_labels_images_from_the_command_line(
    project: Path, remote_run: Run, mlflow_server: str, quickstart_data: Path
) -> None:
    env = environment(remote_run.output.parent, MLFLOW_TRACKING_URI=mlflow_server)
    image = next((quickstart_data / "images" / "val").rglob("*.jpg"))
    model = ("--model", "models:/devise@champion")
    done = pipeline_command(project, "predict", str(image), *model, env=env)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip().splitlines()) == 6


def test_predict_takes_labels_of_ones_own_and_refuses_words_without_a_vector(
    remote_run: Run, quickstart_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = str(next((quickstart_data / "images" / "val").rglob("*.jpg")))
    model = ("--model", str(remote_run.output))
    assert main(["predict", image, *model, "--labels", "tiger shark,robin"]) == 0
    shown = capsys.readouterr().out
    assert "tiger shark" in shown
    assert "robin" in shown
    assert main(["predict", image, *model, "--labels", "sharkk"]) == 2
    refused = capsys.readouterr().err
    assert "sharkk" in refused
    assert "shark" in refused.replace("sharkk", "")


def test_predict_refuses_what_is_no_model_and_no_image(
    remote_run: Run, quickstart_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = str(next((quickstart_data / "images" / "val").rglob("*.jpg")))
    assert main(["predict", image, "--model", str(tmp_path)]) == 2
    assert "holds no DeViSE model" in capsys.readouterr().err
    model = ("--model", str(remote_run.output))
    assert main(["predict", "/no/x", *model]) == 1
    assert "is no file" in capsys.readouterr().err
    (tmp_path / "text.jpg").write_text("not an image")
    assert main(["predict", str(tmp_path / "text.jpg"), *model]) == 1
    assert "text.jpg" in capsys.readouterr().err


def test_the_registered_model_works_without_the_project(
    remote_run: Run, mlflow_server: str, quickstart_data: Path, tmp_path: Path
) -> None:
    image = next((quickstart_data / "images" / "val").rglob("*.jpg"))
    code = (
        "import mlflow, pandas as pd, sys\n"
        "model = mlflow.pyfunc.load_model('models:/devise@champion')\n"
        "frame = pd.DataFrame({'image': [open(sys.argv[1], 'rb').read()]})\n"
        "print(model.predict(frame).to_json())\n"
        "print(model.predict(frame, params={'labels': 'tiger shark, robin'}).to_json())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(image)],
        cwd=tmp_path,
        env=environment(tmp_path, MLFLOW_TRACKING_URI=mlflow_server),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tiger shark" in done.stdout
