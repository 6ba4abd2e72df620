"""Several folds of the classes in one command."""

import json
from pathlib import Path

import pytest
from support.commands import SMALL, environment, metrics_of, printed, settings

SHARED = {"prepare_taxonomy", "prepare_corpus", "train_skipgram", "pack_images"}


@pytest.mark.slow
@pytest.mark.usefixtures("own_database")
def test_folds_share_what_no_group_of_classes_changes_and_are_put_together(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    output, listed = tmp_path / "run", tmp_path / "list.json"

    def done(*arguments: str) -> str:
        return printed(project, *arguments, env=environment(tmp_path))

    images = str(quickstart_data / "images")
    done("folds", "--images", images, "--number", "4", "--seed", "1", "--output", str(listed))
    # Three apart: the word vectors have the same draw.
    shown = done(
        *("run", "--preset", "quickstart", "--output", str(output)),
        *("--folds", "0,3", "--fold-list", str(listed)),
        *(*settings(str(quickstart_data)), *SMALL),
    )
    assert "Mean over the folds 0, 3" in shown
    folds = json.loads(listed.read_text())["folds"]
    assert json.loads((output / "folds.json").read_text())["folds"] == folds
    second = json.loads((output / "fold_3" / "run.json").read_text())
    assert second["parameters"]["images_unseen"] == folds[3]
    reused = {task["task"].split("-")[0] for task in second["tasks"] if task["reused"]}
    again = {task["task"].split("-")[0] for task in second["tasks"] if not task["reused"]}
    # Models with equal labels share those in each fold.
    assert reused - again == SHARED
    together = json.loads((output / "metrics_by_fold.json").read_text())
    name = "devise/unseen/flat_hit_at_1"
    values = [metrics_of(output / f"fold_{number}")[name] for number in (0, 3)]
    assert together["metrics"][name]["values"] == values
    tables = done("results", str(output))
    assert tables.startswith("## Fold 3\n")
    assert "### claims" in tables
    assert "## Fold 0, which options were chosen on" in tables
