import subprocess
import sys
from pathlib import Path

import click
import pytest

from pipeline.cli import COMMANDS, main

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = ("kfp", "mlflow", "numpy", "pandas", "torch")


def test_the_help_shows_every_command_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command.name} " in shown
        assert f"python pipeline.py {command.name}" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_commands_help_explains_each_option_and_ends_with_examples(
    command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.name is not None
    assert main([command.name, "-h"]) == 0
    assert "examples:\n    python pipeline.py " + command.name in capsys.readouterr().out
    assert command.help
    assert all(option.help for option in command.params if option.param_type_name == "option")


def test_without_a_command_the_help_is_shown_and_nothing_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "error: No such command 'rnu'. Did you mean 'run'?"),
        (["run"], "error: Missing option '--output'."),
        (["run", "--output"], "error: Option '--output' requires an argument."),
        (["run", "--ouput", "x"], "error: No such option '--ouput'"),
        (["run", "--output", "x", "--preset", "x"], "error: Invalid value for '--preset': 'x' is"),
        (["compile", "--set", "devise_margn=1"], "error: There is no parameter 'devise_margn'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_usage_error_names_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run"])
    assert "python pipeline.py run --help" in capsys.readouterr().err


def test_the_command_line_is_imported_without_what_only_some_commands_need() -> None:
    code = f"import pipeline.cli, sys; print([name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT, text=True)
    assert loaded == "[]\n"
