from pathlib import Path

import pytest

from pipeline.cli import main


def test_without_a_name_all_data_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("quickstart\n")
    assert "tiny-imagenet" in shown


def test_the_quickstart_data_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "quickstart", "--output", f"{tmp_path}/made", "--seed", "3"]) == 0
    assert (tmp_path / "made" / "images").is_dir()
    assert "holds the quickstart data" in capsys.readouterr().out


def test_a_name_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "imagenet"]) == 2
    assert "'imagenet' is not one of 'quickstart', " in capsys.readouterr().err
