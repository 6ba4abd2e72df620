import re
from pathlib import Path

import pytest

from components.shared.execution import tracking
from components.shared.execution.run_facts import COMMAND, RUN_FACTS, facts_around


def test_what_the_environment_says_of_the_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / "my_run"))
    monkeypatch.setenv(COMMAND, "python pipeline.py run")
    monkeypatch.setenv("DEVISE_GIT_COMMIT", "abc")
    monkeypatch.setenv("KFP_RUN_ID", "0a1b")
    facts = facts_around(is_tracked=False)
    assert tuple(facts) == RUN_FACTS
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", facts["date"])
    assert facts["machine"]["cpus"] >= 1
    told = [facts[name] for name in ("run_name", "command", "git_commit", "kfp_run_id")]
    assert told == ["my_run", "python pipeline.py run", "abc", "0a1b"]


def test_what_nobody_knows_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (COMMAND, "DEVISE_GIT_COMMIT", "KFP_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    facts = facts_around(is_tracked=False)
    assert {facts[name] for name in ("run_name", "command", "git_commit", "kfp_run_id")} == {None}


def test_on_a_cluster_mlflow_says_what_the_run_is_called(
    monkeypatch: pytest.MonkeyPatch, mlflow_server: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", "of-the-run-facts")
    tracking.open_parent("run facts", "night of the cranes", {})
    assert facts_around(is_tracked=True)["run_name"] == "night of the cranes"


def test_a_server_that_is_away_costs_the_name_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("KFP_RUN_ID", "0a1b")
    facts = facts_around(is_tracked=True)
    assert facts["run_name"] is None
    assert facts["kfp_run_id"] == "0a1b"
    assert "the report will not have the run's name" in "".join(capsys.readouterr())
