import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from components.shared.images.batches import normalised
from pipeline.cli import main
from pipeline.export.hub_folder import ONNX_FILE
from pipeline.model import load_model


@pytest.fixture
def photos(model_run: Path, tmp_path: Path) -> Path:
    """A folder with a good image, a broken one and a text."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "b.jpg").write_bytes((model_run / "one.jpg").read_bytes())
    (folder / "a.jpg").write_text("dear")
    (folder / "notes.txt").write_text("dear")
    return folder


def test_of_a_folder_what_can_be_read_is_labelled_and_the_command_ends_with_1(
    model_run: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(photos), "--model", str(model_run)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f"{photos}/b.jpg\n")
    assert "1 files that are not called as images are were passed over" in said.err
    assert "a.jpg' is no image that can be read" in said.err


def test_labels_of_ones_own_are_separated_by_commas(
    model_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(model_run / "one.jpg"), "--model", str(model_run), "--labels", "Crane, ,teapot"]
    assert main(["predict", *given]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert {line.split("  ")[-1] for line in lines} == {"Crane", "teapot"}


def test_json_is_one_document_with_what_could_not_be_read(
    model_run: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(photos), "--model", str(model_run), "--json", "--candidates", "unseen"]
    assert main(["predict", *given]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["model"] == str(model_run)
    broken, good = document["images"]
    assert broken["image"] == str(photos / "a.jpg")
    assert "is no image that can be read" in broken["error"]
    assert {label["seen"] for label in good["labels"]} == {False}
    assert len(good["nearest_words"]) == 8


def test_labels_are_printed_at_least_one_for_each_image(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["predict", "a.jpg", "--model", "runs/x", "--top", "-3"]) == 2
    assert "Invalid value for '--top': -3 is not in the range x>=1" in capsys.readouterr().err


def test_who_reads_the_first_line_alone_sees_no_traceback(model_run: Path, project: Path) -> None:
    files = [str(model_run / "one.jpg"), str(model_run / "two.jpg")] * 2
    reader, writer = os.pipe()
    command = [sys.executable, "pipeline.py", "predict", *files, "--model", str(model_run)]
    with subprocess.Popen(
        command, cwd=project, stdout=writer, stderr=subprocess.PIPE, text=True
    ) as done:
        os.close(writer)
        os.close(reader)
        assert done.communicate()[1] == ""
        assert done.returncode == 141


def test_a_page_whose_packages_are_missing_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(["demo", "--model", "runs/x"]) == 2
    said = capsys.readouterr().err
    assert "fastapi, sklearn, uvicorn must be installed for this" in said
    assert "-m pip install '.[demo]' in the project's folder" in said


def test_an_exported_folder_is_named_and_can_be_given_to_predict(
    model_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "tiny"
    assert main(["export", "--model", str(model_run), "--to", str(to), "--license", "mit"]) == 0
    assert capsys.readouterr().out == f"{to} holds the model; its card is {to / 'README.md'}\n"
    assert (to / "README.md").read_text().startswith("---\nlicense: mit\n")
    assert main(["predict", str(model_run / "one.jpg"), "--model", str(to)]) == 0


def test_the_image_side_that_was_exported_with_a_model_gives_its_points(
    model_run: Path, tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    to = tmp_path / "tiny"
    assert main(["export", "--model", str(model_run), "--to", str(to), "--onnx"]) == 0
    assert ONNX_FILE in (to / "README.md").read_text()
    session = onnxruntime.InferenceSession(to / ONNX_FILE, providers=["CPUExecutionProvider"])
    model = load_model(to)
    pixels = np.stack([model.decode(model_run / name) for name in ("one.jpg", "two.jpg")])
    images = normalised(pixels, model.model.config.visual.view, torch.device("cpu"))
    (points,) = session.run(["points"], {"images": images.contiguous().numpy()})
    assert points == pytest.approx(model.points_of(pixels), abs=1e-4)
