"""What the command line refuses before any stage starts, and how a failing stage is told."""

from pathlib import Path

import pytest
from support.commands import environment, pipeline_command, settings

from pipeline.cli import main


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("devise_margn=0.2", "no parameter 'devise_margn': did you mean devise_margin"),
        ("devise_margin", "write name=value"),
        ("devise_margin=wide", "devise_margin is 'wide': give a number"),
        ("skipgram_dim=0", "skipgram_dim is 0: allowed is from 1 to 4096"),
        ("visual_architecture=resnet_18", "visual_architecture is 'resnet_18': choose 'resnet18'"),
        ("taxonomy_uri=/no/such/folder", "taxonomy_uri: '/no/such/folder/words.txt'"),
        ("images_uri=/no/such/images", "images_uri: '/no/such/images'"),
        ('corpus_uris=["/no/such/text/*.txt"]', "corpus_uris: '/no/such/text/*.txt'"),
        ("images_unseen=n99999999", "images_unseen names n99999999"),
        ("evaluate_zero_shot_sets=mine=/no/list", "evaluate_zero_shot_sets: '/no/list'"),
        ("taxonomy_edges=other.txt", "other.txt"),
    ],
)
def test_a_wrong_setting_is_refused_before_any_stage(
    quickstart_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    message: str,
) -> None:
    run = ["run", "--preset", "quickstart", "--output", str(tmp_path / "run")]
    assert main([*run, *settings(str(quickstart_data)), "--set", setting]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("own_database")
def test_a_failing_stages_own_error_is_the_last_that_is_said(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "text").mkdir()
    # At its end alone: what is broken at its beginning no stage sees.
    (tmp_path / "text" / "broken.txt").write_bytes(b"an article\n\n" * 9999 + b"\0")
    done = pipeline_command(
        project,
        *("run", "--preset", "quickstart", "--output", str(tmp_path / "run")),
        *settings(str(quickstart_data)),
        *("--set", f'corpus_uris=["{tmp_path}/text"]'),
        env=environment(tmp_path),
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "prepare_corpus" in last
    assert "broken.txt, line 19999" in last


def test_help_teaches_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    commands = ("run", "predict", "compare", "compile", "submit", "schedule", "images", "data")
    for command in commands:
        assert f"pipeline.py {command}" in shown
