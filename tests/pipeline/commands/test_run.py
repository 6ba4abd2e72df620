from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.cli import main
from pipeline.local.runner import RunFailed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """The options of the runs that were asked for; none is run."""
    found: list[SimpleNamespace] = []
    monkeypatch.setattr("pipeline.commands.run._run", found.append)
    return found


def test_options_are_read_by_their_types(asked: list[SimpleNamespace]) -> None:
    assert main(["run", "--output", "runs/x", "--seeds", "0, 1,2", "--set", "seed=1"]) == 0
    (options,) = asked
    assert (options.output, options.seeds) == (Path("runs/x"), [0, 1, 2])
    assert (options.set, options.runner, options.preset) == (
        ("seed=1",),
        "subprocess",
        "quickstart",
    )


def test_without_seeds_there_is_one_run(asked: list[SimpleNamespace]) -> None:
    assert main(["run", "--output", "runs/x"]) == 0
    assert asked[0].seeds is None


@pytest.mark.parametrize("seeds", ["", "0,x", "-1", "1.5", "0,,1"])
def test_what_is_no_list_of_seeds_is_refused(
    asked: list[SimpleNamespace], seeds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--output", "runs/x", "--seeds", seeds]) == 2
    assert f"'--seeds': {seeds!r} is no list of seeds such as 0,1,2" in capsys.readouterr().err
    assert not asked


def test_folds_are_asked_for_with_the_presets_list_or_a_file(
    asked: list[SimpleNamespace],
) -> None:
    assert main(["run", "--output", "runs/x", "--folds", "1,2", "--fold-list", "f.json"]) == 0
    assert (asked[0].folds, asked[0].fold_list) == ([1, 2], Path("f.json"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--folds", "0", "--seeds", "1"], "--seeds and --folds are two ways to repeat a run"),
        (["--fold-list", "f.json"], "--fold-list is there without --folds"),
        (["--folds", "0"], "The preset 'quickstart' has no folds of its own"),
        (["--folds", "4,5", "--preset", "tiny_imagenet"], "--folds names 5, but the list has"),
        (["--folds", "0", "--fold-list", "none.json"], "none.json cannot be read (No such file"),
        (
            ["--folds", "0", "--preset", "tiny_imagenet", "--set", "training_seed=1"],
            "training_seed is what runs of --folds differ in: leave it out",
        ),
        (
            ["--seeds", "0,1", "--set", "training_seed=7"],
            "training_seed is what runs of --seeds differ in: leave it out",
        ),
        (["--folds", "x"], "'x' is no list of folds such as 0,1,2"),
    ],
)
def test_repeats_that_make_no_sense_are_refused_before_anything_is_written(
    given: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--output", str(tmp_path / "run"), *given]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_stage_that_failed_is_told_and_the_exit_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: SimpleNamespace) -> None:
        raise RunFailed("prepare_corpus failed: x.bz2 is broken")

    monkeypatch.setattr("pipeline.commands.run._run", fail)
    assert main(["run", "--output", "runs/x"]) == 1
    assert capsys.readouterr().err == "\nprepare_corpus failed: x.bz2 is broken\n"


def test_several_nodes_are_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--set", "taxonomy_uri=t", "--set", "images_uri=i", "--set", 'corpus_uris=["c"]']
    folder = tmp_path / "run"
    assert main(["run", "--output", str(folder), *options, "--set", "visual_nodes=2"]) == 2
    assert "visual_nodes is 2, and several nodes take a cluster" in capsys.readouterr().err
    assert not folder.exists()
