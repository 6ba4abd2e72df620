import shlex
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline.results.next_command import next_command

LABELS = [
    # wnid, role, target term, where it came from
    ("n4", "unseen", "whale_shark", "synonym"),
    ("n5", "unseen", "", "none"),
    ("n3", "seen", "crane", "first_term"),
    ("n1", "seen", "tiger_shark", "first_term"),
    ("n2", "seen", "mean of words", "mean_of_words"),
    ("n6", "seen", "teapot", "first_term"),
]
IMAGES = [("val/n4/0.jpg", "n4", "train"), ("val/n4/1.jpg", "n4", "test"), ("n1.jpg", "n1", "test")]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a finished run, beside its images."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "my run"
    folder.mkdir(parents=True)
    columns = ["wnid", "role", "target_term", "target_source"]
    pd.DataFrame(LABELS, columns=columns).to_parquet(folder / "labels.parquet")
    index = pd.DataFrame(IMAGES, columns=["path", "wnid", "split"])
    index.to_parquet(folder / "index.parquet")
    for path, _, _ in IMAGES:
        file = tmp_path / "images" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"an image")
    return folder


def given(command: str) -> list[str]:
    python, script, name, *arguments = shlex.split(command)
    assert (python, script.endswith("pipeline.py"), name) == (sys.executable, True, "predict")
    return arguments


def test_it_labels_a_test_image_of_an_unseen_class(output: Path) -> None:
    image, *_ = given(next_command(output, "images"))
    assert image == "images/val/n4/1.jpg"


def test_its_labels_are_two_of_each_role_whose_own_term_has_a_vector_the_unseen_last(
    output: Path,
) -> None:
    _, _, model, option, labels = given(next_command(output, "images"))
    assert (model, option) == (str(output), "--labels")
    assert labels == "tiger shark,crane,whale shark"


def test_without_unseen_classes_the_image_is_of_a_seen_one(output: Path, tmp_path: Path) -> None:
    labels = pd.read_parquet(output / "labels.parquet")
    labels[labels["role"] == "seen"].to_parquet(output / "labels.parquet")
    (tmp_path / "images" / "n3.jpg").write_bytes(b"an image")
    index = pd.DataFrame([("n3.jpg", "n3", "test")], columns=["path", "wnid", "split"])
    index.to_parquet(output / "index.parquet")
    assert given(next_command(output, "images"))[0] == "images/n3.jpg"


@pytest.mark.parametrize("uri", ["s3://devise/images", "packed"])
def test_an_image_without_a_path_of_its_own_is_called_image(output: Path, uri: str) -> None:
    assert given(next_command(output, uri))[0] == "IMAGE"


def test_a_path_elsewhere_is_written_in_full(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(output)
    image, *_ = given(next_command(output, str(tmp_path / "images")))
    assert image == str(tmp_path / "images" / "val/n4/1.jpg")
