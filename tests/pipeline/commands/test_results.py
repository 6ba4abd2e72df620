from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.results.prediction import Told


def test_images_are_labelled_with_the_labels_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def predict(images: Sequence[Path], folder: Path, labels: list[str], top: int) -> Told:
        return Told(f"{[image.name for image in images]} {folder} {labels} {top}")

    monkeypatch.setattr("pipeline.results.prediction.model_folder", lambda model, _: Path(model))
    monkeypatch.setattr("pipeline.results.prediction.predict_files", predict)
    given = ["a.jpg", "b.jpg", "--model", "runs/x", "--labels", "tiger shark, ,teapot"]
    assert main(["predict", *given]) == 0
    assert capsys.readouterr().out == "['a.jpg', 'b.jpg'] runs/x ['tiger shark', 'teapot'] 5\n"


def test_labels_are_printed_at_least_one_for_each_image(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["predict", "a.jpg", "--model", "runs/x", "--top", "-3"]) == 2
    assert "Invalid value for '--top': -3 is not in the range x>=1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("format", "shown"), [("csv", "run\nfirst\n"), ("json", '{\n  "run":"first"\n }')]
)
def test_runs_are_compared_in_the_format_asked_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    format: str,
    shown: str,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setattr(
        "pipeline.results.runs.runs_table", lambda _: pd.DataFrame({"run": ["first"]})
    )
    assert main(["compare", "--format", format]) == 0
    assert shown in capsys.readouterr().out


def test_results_of_no_run_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results", str(tmp_path / "none")]) == 2
    assert "error: " in capsys.readouterr().err
