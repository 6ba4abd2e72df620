"""Run in a copy of the project in which the recipe for a stage was followed."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from components.shared.settings.report import ReportSettings
from pipeline.cluster.compilation import read_pipeline, write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.cluster.sizes import STAGES
from pipeline.form import default_values


def test_list_mistakes_is_compiled_into_the_graph(tmp_path: Path) -> None:
    write_pipeline(default_values("paper"), Cluster(tag="1.0"), tmp_path / "pipeline.yaml")
    specification, _ = read_pipeline(tmp_path / "pipeline.yaml")
    executors = specification["deploymentSpec"]["executors"]
    image = executors["exec-list-mistakes"]["container"]["image"]
    assert image == "devise-list-mistakes:1.0"
    task = specification["root"]["dag"]["tasks"]["list-mistakes"]
    assert set(task["dependentTasks"]) == {"open-run", "evaluate"}
    assert "list_mistakes" in STAGES


def test_list_mistakes_writes_the_wrong_ones(tmp_path: Path) -> None:
    rankings = {"image": ["a", "b", "c"], "truth": ["x", "x", "x"], "model": "devise",
                "candidates": "seen", "predicted": [["x", "y"], ["y", "x"], []]}  # fmt: skip
    pd.DataFrame(rankings).to_parquet(tmp_path / "predictions.parquet")
    write = import_module("components.list_mistakes.mistakes").write_mistakes
    assert write(ReportSettings(), tmp_path, tmp_path / "out") == {"mistakes": 2.0}
    assert set(pd.read_parquet(tmp_path / "out" / "mistakes.parquet")["image"]) == {"b", "c"}
