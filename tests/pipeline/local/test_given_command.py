import shlex
import sys

import pytest

from pipeline.local.given_command import given_command


def test_the_command_can_be_given_again(project: object) -> None:
    line = ["pipeline.py", "run", "--set", 'corpus_uris=["a b"]', "--output", "runs/x"]
    assert shlex.split(given_command(line)) == ["python", *line]


def test_the_script_is_where_somebody_in_this_folder_finds_it(
    monkeypatch: pytest.MonkeyPatch, project: object
) -> None:
    monkeypatch.chdir(str(project))
    monkeypatch.setattr(sys, "argv", [f"{project}/pipeline.py", "run"])
    assert given_command() == "python pipeline.py run"


def test_no_password_and_no_signature_stands_in_it() -> None:
    line = [
        "pipeline.py",
        "a=postgresql://anna:hunter2@db",
        "b=https://anna:hunter3@web/x?sig=hunter4",
    ]
    shown = given_command(line)
    assert "hunter" not in shown
    assert "https://web/x" in shown
