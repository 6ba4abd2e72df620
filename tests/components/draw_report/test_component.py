"""The face as a cluster runs it: its outputs as the launcher finds them."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from kfp.dsl import executor_main
from support.driver import drivers_input

from components.draw_report import component
from components.draw_report.data import Inputs
from components.shared.storage.fingerprint import checksum


def executor_input(inputs: Inputs, folder: Path) -> dict[str, Any]:
    """What the driver hands over, with artifacts that lie in folders of this machine."""
    given = drivers_input("draw_report", folder, ())
    for name, artifact in given["inputs"]["artifacts"].items():
        paths = asdict(inputs)[name]
        uris = paths if isinstance(paths, tuple) else (paths,)
        artifact["artifacts"] = [{**artifact["artifacts"][0], **made(uri)} for uri in uris]
    for name, artifact in given["outputs"]["artifacts"].items():
        artifact["artifacts"][0]["uri"] = str(folder / name)
    given["inputs"]["parameterValues"]["settings"] = {"gallery_images": 0}
    return given


def made(path: Path) -> dict[str, Any]:
    """What is known of an artifact that a stage left here."""
    return {"uri": str(path), "metadata": {"checksum": checksum(path)}}


def executed(inputs: Inputs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the face in the SDK's executor; return the artifacts that it tells the launcher of."""
    given = executor_input(inputs, folder)
    arguments = [
        *("executor", "--component_module_path", component.__file__),
        *("--function_to_execute", "draw_report", "--executor_input", json.dumps(given)),
    ]
    monkeypatch.setattr(sys, "argv", arguments)
    executor_main.executor_main()
    told = json.loads((folder / "output_metadata.json").read_text())["artifacts"]
    return {name: entry["artifacts"][0] for name, entry in told.items()}


def test_the_page_of_the_task_has_table_and_summary_also_when_taken_as_it_is(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / "run"))
    first = executed(inputs, tmp_path / "first", monkeypatch)
    again = executed(inputs, tmp_path / "again", monkeypatch)
    assert "taken as it is" in capsys.readouterr().out
    for folder, told in (("first", first), ("again", again)):
        table = told["confusion"]["metadata"]["confusionMatrix"]
        rows = [row["row"] for row in table["rows"]]
        assert [sum(row) for row in rows] == [5, 5, 5, 5]
        assert len(table["annotationSpecs"]) == len(rows)
        assert (tmp_path / folder / "summary").read_text().startswith("# DeViSE\n")
        assert (tmp_path / folder / "report").read_text().startswith("<!doctype html>")
