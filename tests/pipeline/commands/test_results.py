from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli import main


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
