"""What is kept of folds says all that their runs do of figures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.folds import write_folds

from pipeline.cli import main
from pipeline.folds.kept import keep_folds, open_fold
from pipeline.folds.tables import fold_results
from pipeline.local.repeats import FOLD, read_metrics


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_folds(folder, [0, 1, 2])
    quality = {"simlex_999": {"spearman": 0.25, "pairs": 999, "covered": 1.0}}
    for number in range(3):
        words = {"quality": quality, "labels_not_in_corpus": ["kentucky_warbler"]}
        (folder / f"fold_{number}" / "skipgram.json").write_text(json.dumps(words))
    return folder


@pytest.fixture
def kept(output: Path, tmp_path: Path) -> Path:
    keep_folds(output, [0, 1, 2], tmp_path / "kept")
    return tmp_path / "kept"


def test_every_table_is_the_same_from_what_was_kept(output: Path, kept: Path) -> None:
    for as_markdown in (True, False):
        assert fold_results(kept, None, as_markdown) == fold_results(output, None, as_markdown)
    text = fold_results(kept, None, as_markdown=True)
    assert "SimLex-999" in text
    assert "without classes that share a term" in text
    assert "warbler" not in (kept / "fold_1" / "skipgram.json").read_text()
    assert read_metrics(kept, FOLD) == read_metrics(output, FOLD)


def test_the_scores_of_each_image_are_equal_to_the_last_bit(output: Path, kept: Path) -> None:
    run, rest = open_fold(output / "fold_1"), open_fold(kept / "fold_1")
    assert rest.candidates == run.candidates
    for name in run.candidates:
        ours, theirs = rest.scores(name), run.scores(name)
        assert ours.images.tolist() == theirs.images.tolist()
        assert ours.truth.tolist() == theirs.truth.tolist()
        assert np.array_equal(ours.scores.values, theirs.scores.values)
        for of in ("models", "labels", "by_class", "candidates"):
            assert getattr(ours.scores, of) == getattr(theirs.scores, of)


def test_what_was_kept_before_a_file_was_is_refused(kept: Path) -> None:
    (kept / "fold_1" / "labels.parquet").unlink()
    with pytest.raises(ValueError, match=r"fold_1 has no labels\.parquet: keep this fold again"):
        fold_results(kept, None, as_markdown=True)


def test_anyone_can_read_the_scores_a_row_a_model_and_image(kept: Path) -> None:
    rows = pd.read_parquet(kept / "fold_2" / "scores.parquet")
    means = rows.groupby(["model", "candidates"])["flat_hit_at_1"].mean()
    metrics = json.loads((kept / "fold_2" / "metrics.json").read_text())
    for (model, candidates), mean in means.items():
        assert mean == pytest.approx(metrics[f"{model}/{candidates}/flat_hit_at_1"])


def test_settings_are_kept_and_where_a_machine_has_its_data_is_not(kept: Path) -> None:
    text = (kept / "fold_1" / "run.json").read_text()
    told = json.loads(text)
    assert told["parameters"]["images_uri"] == "photos"
    assert told["parameters"]["images_unseen"] == ["n10", "n11", "n12"]
    assert told["tasks"] == [{"task": "evaluate", "seconds": 2.5, "code_version": "c0de"}]
    assert "somewhere" not in text
    assert "command" not in told


def test_folds_are_added_to_those_that_are_kept_already(output: Path, tmp_path: Path) -> None:
    keep_folds(output, [2], tmp_path)
    keep_folds(output, [0, 1], tmp_path)
    assert fold_results(tmp_path, [1, 2], True) == fold_results(output, [1, 2], True)
    again = tmp_path / "again"
    keep_folds(tmp_path, [1, 2], again)
    assert fold_results(output, [1, 2], True).startswith(fold_results(again, [1, 2], True))


def test_folds_of_other_settings_are_not_put_beside_them(output: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(output, other)
    file = other / "fold_2" / "run.json"
    told = json.loads(file.read_text())
    told["parameters"]["visual_epochs"] = 99
    file.write_text(json.dumps(told))
    keep_folds(output, [1], tmp_path / "kept")
    with pytest.raises(ValueError, match=r"was run with another visual_epochs \(12, here 99\)"):
        keep_folds(other, [2], tmp_path / "kept")


def test_the_command_prints_the_tables_of_all_that_is_kept(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_folds(output, [1], tmp_path / "one")
    keep_folds(output, [2], tmp_path / "kept")
    assert main(["results", str(tmp_path / "one"), "--keep", str(tmp_path / "kept")]) == 0
    shown = capsys.readouterr().out
    assert main(["results", str(tmp_path / "kept")]) == 0
    assert capsys.readouterr().out == shown
    assert fold_results(output, [1, 2], True).startswith(shown.strip())
    assert main(["results", str(output), "--keep", str(output)]) == 2
    assert "is where the runs lie" in capsys.readouterr().err


def test_a_run_without_folds_has_nothing_to_keep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(tmp_path), "--keep", str(tmp_path / "kept")]) == 2
    assert "leave --report-folds and --keep out" in capsys.readouterr().err
