"""The quickstart run, looked at from outside: its files alone, none of the project's code."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from support.commands import Run

TRAINED = ("devise", "devise_l2", "random")
MODELS = {
    *("softmax", "softmax_continued", "softmax_hierarchy", "conse", "conse_hierarchy"),
    *("exem", "eszsl", "dgp"),
    *(f"{name}{phase}" for name in TRAINED for phase in ("", "_phase_1")),
}
CANDIDATES = ("seen", "unseen", "unseen_plus_seen", "seen_among_unseen")


def test_it_leaves_what_the_readme_promises(quickstart: Run) -> None:
    promised = {
        *("metrics.json", "predictions.parquet", "report.html", "synsets.parquet"),
        *("edges.parquet", "labels.parquet", "candidates.parquet", "devise_model", "run.json"),
        *("checkpoints", "images", "confidence.json", "phrases.parquet", "vocabulary.parquet"),
    }
    assert promised <= {path.name for path in quickstart.output.iterdir()}


def test_its_last_words_are_the_table_and_what_to_do_next(quickstart: Run) -> None:
    for words in ("devise", "softmax", "Report:", "MLflow:", "Next:", "Time of each stage"):
        assert words in quickstart.text


def test_the_commands_it_ends_with_can_be_pasted_and_know_an_unseen_class(
    quickstart: Run, project: Path
) -> None:
    told = quickstart.text.partition("Next:")[2].splitlines()
    seen, unseen = (shlex.split(line) for line in told if " predict " in line)
    said = [
        subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
        for command in (seen, unseen)
    ]
    labels = pd.read_parquet(quickstart.output / "labels.parquet").set_index("wnid")
    for command, role, out in zip((seen, unseen), ("seen", "unseen"), said, strict=True):
        truth = labels.loc[Path(command[1 + command.index("predict")]).parent.name]
        assert truth["role"] == role
        assert role == "seen" or truth["target_term"].replace("_", " ") in out


def test_the_notebook_runs_from_its_first_cell_to_its_last(
    quickstart: Run, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "quickstart").symlink_to(quickstart.output)
    done = subprocess.run(
        [sys.executable, str(project / "docs" / "notebooks" / "first_steps.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "72 labels, 48 of them trained on" in done.stdout
    assert "It shows: starling" in done.stdout
    assert "The label 'kingfischer' has no vector: give another label; nearest" in done.stdout


def test_its_figures_can_be_computed_again_without_the_code_that_made_them(
    quickstart: Run, project: Path
) -> None:
    script = project / "benchmarks" / "figures_again.py"
    # Isolated: not even the folder of the script is looked at for modules.
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(quickstart.output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *_, every = done.stdout.splitlines()
    assert int(every.split("|")[3].replace(",", "")) >= len(quickstart.metrics)


def test_every_model_has_the_same_images_for_each_candidates_value(quickstart: Run) -> None:
    predictions = pd.read_parquet(quickstart.output / "predictions.parquet")
    assert set(predictions["model"]) == MODELS
    for _, rows in predictions.groupby("candidates"):
        images = {model: sorted(part["image"]) for model, part in rows.groupby("model")}
        assert all(listed == images["softmax"] for listed in images.values())
        assert len(set(images["softmax"])) == len(images["softmax"])


def test_its_predictions_name_no_synset_twice_and_stay_within_their_candidates(
    quickstart: Run,
) -> None:
    predictions = pd.read_parquet(quickstart.output / "predictions.parquet")
    table = pd.read_parquet(quickstart.output / "candidates.parquet")
    sets = {name: set(rows["wnid"]) for name, rows in table.groupby("set")}
    for row in predictions.itertuples():
        is_softmax = row.model.startswith("softmax")
        allowed = sets["seen"] if is_softmax else sets[row.candidates]
        assert len(row.predicted) <= 20
        assert len(set(row.predicted)) == len(row.predicted)
        assert set(row.predicted) <= allowed


def test_unseen_classes_take_no_part_in_training_or_choices(quickstart: Run) -> None:
    index = pd.read_parquet(quickstart.output / "index.parquet")
    labels = pd.read_parquet(quickstart.output / "labels.parquet")
    unseen = set(labels.loc[labels["role"] == "unseen", "wnid"])
    assert unseen
    assert set(index.loc[index["wnid"].isin(unseen), "split"]) == {"test"}
    assert not index["path"].duplicated().any()


def test_a_label_that_the_text_never_mentions_has_no_vector_and_stays_a_candidate(
    quickstart: Run,
) -> None:
    labels = pd.read_parquet(quickstart.output / "labels.parquet")
    missing = set(labels.loc[labels["target_source"] == "none", "wnid"])
    assert len(missing) == quickstart.metrics["label_space/without_vector"] >= 1
    candidates = pd.read_parquet(quickstart.output / "candidates.parquet")
    assert missing <= set(candidates["wnid"])


def test_it_shows_what_the_paper_shows(quickstart: Run) -> None:
    metrics = quickstart.metrics
    zero_shot = metrics["devise/unseen/flat_hit_at_1"]
    assert zero_shot > 2 * metrics["chance/unseen/flat_hit_at_1"]
    for k in (2, 5):
        name = f"hierarchical_precision_at_{k}"
        assert metrics[f"devise/seen/{name}"] > metrics[f"random/seen/{name}"]
    assert metrics["softmax/unseen/flat_hit_at_1"] == 0


def test_every_figure_of_a_model_lies_within_its_interval(quickstart: Run) -> None:
    confidence = json.loads((quickstart.output / "confidence.json").read_text())
    figures = [
        name
        for name in quickstart.metrics
        if name.split("/")[0] in MODELS and "_at_" in name and "per_class" not in name
    ]
    assert set(figures) == set(confidence["intervals"])
    for name in figures:
        low, high = confidence["intervals"][name]
        assert low - 1e-9 <= quickstart.metrics[name] <= high + 1e-9, name
    test = confidence["paired"]["devise_vs_random/unseen/flat_hit_at_1"]
    difference = [quickstart.metrics[f"{m}/unseen/flat_hit_at_1"] for m in ("devise", "random")]
    assert test["difference"] == pytest.approx(difference[0] - difference[1])
    assert test["unit"] == "classes"
    assert test["interval"][0] > 0


def test_hierarchical_precision_at_1_is_flat_hit_at_1(quickstart: Run) -> None:
    metrics = quickstart.metrics
    for model in MODELS:
        for candidates in CANDIDATES:
            start = f"{model}/{candidates}"
            assert metrics[f"{start}/flat_hit_at_1"] == pytest.approx(
                metrics[f"{start}/hierarchical_precision_at_1"]
            )


def test_the_run_records_code_parameters_data_and_packages(quickstart: Run) -> None:
    record = json.loads((quickstart.output / "run.json").read_text())
    assert record["parameters"]["devise_margin"] == 0.1
    assert record["git_commit"]
    for task in record["tasks"]:
        assert task["code_version"]
        assert task["packages"]["python"]
        assert task["outputs"]


def test_the_report_is_one_file_that_loads_nothing_from_elsewhere(quickstart: Run) -> None:
    report = (quickstart.output / "report.html").read_text()
    assert "http://" not in report.replace("http://www.w3.org", "")
    assert "<script src" not in report
    assert "DeViSE" in report


def test_the_pipelines_own_working_folder_is_gone(quickstart: Run) -> None:
    assert {file.name for file in quickstart.output.glob(".*")} == {".lock"}
    assert not [file for file in (quickstart.output / "checkpoints").rglob("*") if file.is_file()]
