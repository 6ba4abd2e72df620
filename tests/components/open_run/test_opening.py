import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.open_run.handing_out import Opened
from components.open_run.opening import open_pipeline_run
from components.shared.execution import tracking
from components.shared.settings.presets import FIELDS, values_of

WNIDS = ["n00000001", "n00000002"]


@pytest.fixture
def fields(tmp_path: Path, s3: str) -> dict[str, Any]:
    """What the pipeline's own fields say of a source that is there."""
    (tmp_path / "words.txt").write_text("".join(f"{wnid}\tterm {wnid}\n" for wnid in WNIDS))
    (tmp_path / "imagenet.structure.txt").write_text(" ".join(WNIDS) + "\n")
    (tmp_path / "text.txt").write_text("a text")
    (tmp_path / "images" / "train").mkdir(parents=True)
    (tmp_path / "images" / "train" / "an_image.jpg").write_bytes(b"bytes")
    given = {
        "taxonomy_uri": str(tmp_path),
        "corpus_uris": [str(tmp_path / "text.txt")],
        "images_uri": str(tmp_path / "images"),
        "images_store_uri": f"{s3}/shards",
        "checkpoints_uri": f"{s3}/checkpoints",
        "run_name": "my run",
        "mlflow_experiment": f"opening-{uuid.uuid4().hex}",
    }
    return {name: given.get(name, values_of("tiny_imagenet", [])[name]) for name in FIELDS}


def opened(fields: Mapping[str, Any], output: Path, **settings: Any) -> Opened:
    given = {"images_unseen": [], "evaluate_zero_shot_sets": [], **settings}
    return open_pipeline_run("tiny_imagenet", given, fields, output)


def test_what_was_resolved_is_written_and_handed_out(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    stages = opened({**fields, "seed": 3}, tmp_path / "out", devise_margin=0.2)
    written = json.loads((tmp_path / "out" / "parameters.json").read_text())
    assert list(written) == sorted(written)
    assert (written["devise_margin"], written["seed"], written["run_name"]) == (0.2, 3, "my run")
    assert written["skipgram_dim"] == stages.skipgram["dim"]
    assert json.loads(stages.models[0]["devise"])["margin"] == 0.2
    assert (stages.images["seed"], stages.images["uri"]) == (3, fields["images_uri"])


def test_each_source_is_handed_out_with_its_state(fields: dict[str, Any], tmp_path: Path) -> None:
    before = opened(fields, tmp_path / "before")
    (tmp_path / "text.txt").write_text("another, longer text")
    after = opened(fields, tmp_path / "after")
    assert before.corpora[0]["uri"] == after.corpora[0]["uri"]
    assert before.corpora[0]["state"] != after.corpora[0]["state"]
    assert before.images == after.images


def test_the_parent_run_has_every_value_and_the_commit(
    fields: dict[str, Any], mlflow_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    monkeypatch.setenv("DEVISE_GIT_COMMIT", "abc")
    opened(fields, tmp_path / "out", devise_margin=0.2)
    client = tracking.client()
    experiment = client.get_experiment_by_name(fields["mlflow_experiment"])
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == ("my run", "RUNNING")
    assert run.data.tags["git_commit"] == run.data.tags["mlflow.source.git.commit"] == "abc"
    assert run.inputs is not None
    read = {found.dataset.name: found.tags[0].value for found in run.inputs.dataset_inputs}
    assert (read["text.txt"], read["images"]) == ("corpus", "images")
    assert run.data.params["pipeline.devise_margin"] == "0.2"
    assert run.data.params["pipeline.taxonomy_uri"] == fields["taxonomy_uri"]


def test_without_a_server_the_run_goes_on_and_says_so(
    fields: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(fields, tmp_path / "out")
    assert "open_run: no MLflow server is set" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seed", -1, "seed is -1"),
        ("taxonomy_uri", "nowhere", "taxonomy_uri: .*nowhere"),
        ("checkpoints_uri", "", "checkpoints_uri is empty: on a cluster give an s3:// address"),
        ("images_store_uri", "", "images_store_uri is empty: on a cluster give an s3:// address"),
    ],
)
def test_a_wrong_field_is_refused_before_anything_is_written(
    fields: dict[str, Any], tmp_path: Path, name: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        opened({**fields, name: value}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_wrong_setting_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no parameter 'devise_margn'"):
        opened(fields, tmp_path / "out", devise_margn=0.2)


def test_a_secret_in_an_address_is_written_nowhere(fields: dict[str, Any], tmp_path: Path) -> None:
    opened({**fields, "run_name": "https://me:hunter2@host/x"}, tmp_path / "out")
    assert "hunter2" not in (tmp_path / "out" / "parameters.json").read_text()
