import re
from pathlib import Path

import pytest

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
