import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from figures_again import figures_again
from support.experiment import (
    CLASSES,
    EDGES,
    SEEN,
    UNSEEN,
    WITHOUT_VECTOR,
    Experiment,
    made_experiment,
    ranked,
)
from support.settings import unchecked
from twins import hierarchical as twin
from twins.generalised import harmonic

from components.evaluate.evaluation import Inputs, write_evaluation
from components.shared.ranking.metrics import KS
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.statistics.claims import CLAIMS

MODELS = [
    "softmax", "softmax_continued", "softmax_hierarchy",
    "devise", "devise_phase_1",
    "devise_l2", "devise_l2_phase_1",
    "devise_best", "devise_best_phase_1",
    "random", "random_phase_1",
    "conse", "conse_best", "conse_hierarchy",
    "exem", "exem_best", "eszsl", "eszsl_best", "dgp",
]  # fmt: skip
CRANES = {"n00000006": "n00000002"}
"""An unseen and a seen label that share a term."""
OF_CLASSES = ("softmax", "softmax_continued", "softmax_hierarchy")
"""These rank the seen labels alone."""
WITHOUT_WORDS = (*OF_CLASSES, "conse_hierarchy", "dgp")
"""These rank labels that have no vector."""
VARIANTS = {"devise_l2": 1, "devise_best": 3}
CANDIDATES = {"seen": SEEN, "unseen": UNSEEN, "unseen_plus_seen": CLASSES,
              "seen_among_unseen": CLASSES}  # fmt: skip
CONFIG = unchecked(EvaluateSettings, bootstrap_samples=100, precision="fp32")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return made_experiment(tmp_path_factory, VARIANTS)


@pytest.fixture(scope="module")
def inputs(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return ranked(CONFIG, experiment.given, experiment.taxonomy, tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def evaluation(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluation") / "evaluation"
    write_evaluation(CONFIG, inputs, folder)
    return folder


@pytest.fixture(scope="module")
def predictions(evaluation: Path) -> pd.DataFrame:
    return pd.read_parquet(evaluation / "predictions.parquet")


@pytest.fixture(scope="module")
def metrics(evaluation: Path) -> dict[str, float]:
    return dict(json.loads((evaluation / "metrics.json").read_text()))


def test_every_model_answers_the_same_test_images_of_every_candidate_set(
    predictions: pd.DataFrame, inputs: Inputs
) -> None:
    index = pd.read_parquet(inputs.image_index / "index.parquet")
    assert list(predictions.columns) == [
        *("image", "truth", "model", "candidates", "predicted"),
    ]
    for candidates in CANDIDATES:
        labels = SEEN if candidates.startswith("seen") else UNSEEN
        tested = index[(index["split"] == "test") & index["wnid"].isin(labels)]
        for model in MODELS:
            chosen = predictions["model"].eq(model) & predictions["candidates"].eq(candidates)
            rows = predictions[chosen]
            assert rows["image"].tolist() == tested["path"].tolist()
            assert rows["truth"].tolist() == tested["wnid"].tolist()


def test_the_models_come_in_the_order_of_the_tables(
    predictions: pd.DataFrame, evaluation: Path
) -> None:
    seen = predictions[predictions["candidates"] == "seen"]
    assert seen["model"].drop_duplicates().tolist() == MODELS
    assert json.loads((evaluation / "evaluation.json").read_text())["models"] == MODELS


def test_predictions_are_candidates_without_repeats_and_never_without_a_vector(
    predictions: pd.DataFrame,
) -> None:
    for model, candidates, predicted in zip(
        predictions["model"], predictions["candidates"], predictions["predicted"], strict=True
    ):
        labels = set(SEEN if model in OF_CLASSES else CANDIDATES[candidates])
        assert len(set(predicted)) == len(predicted) <= 20
        assert set(predicted) <= labels
        if model not in WITHOUT_WORDS:
            assert not set(predicted) & set(WITHOUT_VECTOR)


def test_every_figure_can_be_computed_again_without_the_code_that_made_it(
    experiment: Experiment, evaluation: Path, inputs: Inputs, tmp_path: Path
) -> None:
    run = shutil.copytree(evaluation, tmp_path / "run")
    space = experiment.given.models[0] / "label_space"
    beside = {
        inputs.image_index: ["index"],
        experiment.taxonomy: ["edges"],
        space: ["candidates", "labels"],
    }
    for folder, names in beside.items():
        for name in names:
            shutil.copy(folder / f"{name}.parquet", run)
    found = figures_again(run)
    assert [str(figure) for figure in found if figure.verdict == "differ"] == []
    files = {"metrics.json", "without_shared_terms.json", "calibration.parquet"}
    assert {figure.file for figure in found} == files


def test_metrics_have_exactly_the_public_names(metrics: dict[str, float]) -> None:
    names = ("flat_hit", "per_class_hit", "hierarchical_precision")
    figures = [f"{name}_at_{k}" for name in names for k in KS]
    expected = {
        f"{model}/{candidates}/{figure}"
        for model in [*MODELS, "chance"]
        for candidates in CANDIDATES
        for figure in figures
    }
    counts = {
        f"{model}/{candidates}/{count}"
        for model in MODELS
        for candidates in CANDIDATES
        for count in ("images", "classes")
    }
    expected |= {f"{model}/unseen_plus_seen/harmonic_mean" for model in [*MODELS, "chance"]}
    expected |= {f"{model}/unseen/ausuc" for model in MODELS if model not in OF_CLASSES}
    assert set(metrics) == expected | counts | {"label_space/without_vector"}
    assert metrics["label_space/without_vector"] == len(WITHOUT_VECTOR)
    assert all(0 <= metrics[name] <= 1 for name in expected)


def test_harmonic_means_are_those_of_the_hits_per_class(metrics: dict[str, float]) -> None:
    for model in MODELS:
        seen = metrics[f"{model}/seen_among_unseen/per_class_hit_at_1"]
        unseen = metrics[f"{model}/unseen_plus_seen/per_class_hit_at_1"]
        expected = harmonic(seen, unseen)
        assert metrics[f"{model}/unseen_plus_seen/harmonic_mean"] == pytest.approx(expected)
    assert metrics["softmax/unseen_plus_seen/harmonic_mean"] == 0


def test_a_curve_goes_through_the_hits_that_are_not_calibrated(
    metrics: dict[str, float], evaluation: Path
) -> None:
    curves = pd.read_parquet(evaluation / "calibration.parquet")
    assert set(curves["model"]) == set(MODELS) - set(OF_CLASSES)
    for model, points in curves.groupby("model"):
        # No penalty: the last point that begins below it; labels with one vector tie at 0.
        there = points[points["penalty"] < 0].iloc[-1]
        seen = metrics[f"{model}/seen_among_unseen/per_class_hit_at_1"]
        unseen = metrics[f"{model}/unseen_plus_seen/per_class_hit_at_1"]
        assert (there["seen"], there["unseen"]) == pytest.approx((seen, unseen))


def test_a_model_with_a_penalty_has_a_row_where_seen_and_unseen_labels_compete(
    inputs: Inputs, predictions: pd.DataFrame, tmp_path: Path
) -> None:
    given = ("devise=0", "conse_best=2")
    config = unchecked(EvaluateSettings, bootstrap_samples=10, penalties=given)
    metrics = write_evaluation(config, inputs, tmp_path / "e")
    found = pd.read_parquet(tmp_path / "e" / "predictions.parquet")
    calibrated = found[found["model"].str.endswith("_calibrated")]
    both = pd.concat([calibrated, predictions]).groupby(["model", "candidates"])
    # Both cranes have one vector: which of them comes first no score says.
    lists = {
        key: [[CRANES.get(wnid, wnid) for wnid in row] for row in rows["predicted"]]
        for key, rows in both
    }
    competing = ("unseen_plus_seen", "seen_among_unseen")
    models = ("devise_calibrated", "conse_best_calibrated")
    assert {key for key in lists if key[0].endswith("_calibrated")} == {
        (model, candidates) for model in models for candidates in competing
    }
    for candidates in competing:
        assert lists["devise_calibrated", candidates] == lists["devise", candidates]
        assert lists["conse_best_calibrated", candidates] != lists["conse_best", candidates]
    assert "conse_best_calibrated/unseen_plus_seen/harmonic_mean" in metrics
    with pytest.raises(ValueError, match="no model conse_l2 that scores unseen labels"):
        write_evaluation(config.model_copy(update={"penalties": ("conse_l2=0",)}), inputs, tmp_path)


def test_without_classes_that_share_a_term_figures_are_those_of_the_other_images(
    predictions: pd.DataFrame, evaluation: Path
) -> None:
    without = json.loads((evaluation / "without_shared_terms.json").read_text())
    assert {name.split("/")[1] for name in without} == set(CANDIDATES)
    others = predictions[~predictions["truth"].isin([*CRANES, *CRANES.values()])]
    for (model, candidates), rows in others.groupby(["model", "candidates"]):
        pairs = zip(rows["truth"], rows["predicted"], strict=True)
        hits = [truth == next(iter(predicted), None) for truth, predicted in pairs]
        name = f"{model}/{candidates}"
        assert without[f"{name}/flat_hit_at_1"] == pytest.approx(sum(hits) / len(hits))
        assert without[f"{name}/images"] == len(hits)
    assert "devise/unseen_plus_seen/harmonic_mean" in without


def test_chance_is_computed_over_all_candidates(metrics: dict[str, float]) -> None:
    assert metrics["chance/unseen/flat_hit_at_2"] == pytest.approx(2 / 3)
    assert metrics["chance/seen/flat_hit_at_10"] == 1
    shares = [
        len(twin.correct_set(EDGES, truth, set(CLASSES), 2) & set(UNSEEN)) / 3 for truth in UNSEEN
    ]
    assert metrics["chance/unseen/hierarchical_precision_at_2"] == pytest.approx(sum(shares) / 3)


def test_a_label_without_a_vector_stays_in_the_denominator_and_is_missed(
    predictions: pd.DataFrame,
) -> None:
    rows = predictions[predictions["truth"].isin(WITHOUT_VECTOR)]
    assert set(rows["truth"]) == set(WITHOUT_VECTOR)
    embedded = rows[~rows["model"].isin(WITHOUT_WORDS)]
    assert not any(
        truth in predicted
        for truth, predicted in zip(embedded["truth"], embedded["predicted"], strict=True)
    )


def test_the_softmax_never_hits_an_unseen_label(metrics: dict[str, float]) -> None:
    for candidates in ("unseen", "unseen_plus_seen"):
        for model in OF_CLASSES:
            assert metrics[f"{model}/{candidates}/flat_hit_at_20"] == 0


def test_among_unseen_labels_the_softmax_answers_as_among_the_seen(
    predictions: pd.DataFrame,
) -> None:
    lists = predictions.groupby(["model", "candidates"])["predicted"].agg(
        lambda rows: [list(row) for row in rows]
    )
    for model in OF_CLASSES:
        assert lists[model, "seen_among_unseen"] == lists[model, "seen"]
    assert lists["devise", "seen_among_unseen"] != lists["devise", "seen"]


def test_every_figure_of_a_model_has_an_interval_that_holds_it(
    metrics: dict[str, float], evaluation: Path
) -> None:
    confidence = json.loads((evaluation / "confidence.json").read_text())
    told = {"claims", "claims_left_out", "too_few_classes"}
    assert set(confidence) == {"intervals", "units", "paired", "samples", *told}
    assert len(confidence["claims"]) + len(confidence["claims_left_out"]) == len(CLAIMS)
    assert {row["unit"] for row in confidence["paired"].values()} == {"images", "classes"}
    assert confidence["samples"] == 100
    figures = {name for name in metrics if "_at_" in name and not name.startswith("chance/")}
    figures = {name for name in figures if "/per_class_" not in name}
    assert set(confidence["intervals"]) == set(confidence["units"]) == figures
    for name, unit in confidence["units"].items():
        assert unit == ("images" if "/seen" in name else "classes")
    for name, (low, high) in confidence["intervals"].items():
        assert 0 <= low <= metrics[name] <= high <= 1


def test_every_devise_model_is_tested_against_each_baseline(
    metrics: dict[str, float], evaluation: Path
) -> None:
    paired = json.loads((evaluation / "confidence.json").read_text())["paired"]
    common = {*OF_CLASSES, "better_softmax", "random", "devise_phase_1"}
    common |= {"conse", "conse_hierarchy", "exem", "eszsl", "dgp"}
    own = {"devise_best_phase_1", "conse_best", "exem_best", "eszsl_best"}
    expected = {
        "devise": common,
        "devise_l2": common | {"devise", "devise_l2_phase_1"},
        "devise_best": common | {"devise"} | own,
    }
    pairs = {f"{model}_vs_{other}" for model, others in expected.items() for other in others}
    assert {key.split("/")[0] for key in paired} == pairs
    measured = [k for labels in CANDIDATES.values() for k in KS if k <= len(labels)]
    assert len(paired) == len(pairs) * 2 * len(measured)
    for key, row in paired.items():
        models, figure = key.split("/", 1)
        model, other = models.split("_vs_")
        names = OF_CLASSES if other == "better_softmax" else (other,)
        best = max(metrics[f"{name}/{figure}"] for name in names)
        assert row["difference"] == pytest.approx(metrics[f"{model}/{figure}"] - best)
        assert 0 < row["p"] <= 1


def test_a_network_that_saw_zero_shot_classes_is_marked_in_the_metrics(
    inputs: Inputs, tmp_path: Path
) -> None:
    shutil.copytree(inputs.compared, tmp_path / "compared")
    facts = tmp_path / "compared" / "compared.json"
    marked = {**json.loads(facts.read_text()), "zero_shot_contaminated": True}
    facts.write_text(json.dumps(marked))
    changed = replace(inputs, compared=tmp_path / "compared")
    metrics = write_evaluation(CONFIG, changed, tmp_path / "e")
    assert metrics["zero_shot_contaminated"] == 1


def test_the_number_of_parts_changes_no_byte(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.model_copy(update={"bootstrap_samples": 10})
    # Two batches of four are ranked together, so that parts begin and end within a block.
    for module in ("components.shared.ranking.rankers", "components.rank_images.rankings"):
        monkeypatch.setattr(f"{module}.IMAGES_RANKED_TOGETHER", 8)
    for parts in (1, 3, 7):
        folder = tmp_path / str(parts)
        inputs = ranked(config, experiment.given, experiment.taxonomy, folder, parts, 4)
        backwards = replace(inputs, answers=inputs.answers[::-1])
        write_evaluation(config, backwards, folder / "evaluation")
    one, *others = (tmp_path / str(parts) / "evaluation" for parts in (1, 3, 7))
    for file in one.iterdir():
        assert {(other / file.name).read_bytes() for other in others} == {file.read_bytes()}


def test_without_one_of_the_parts_nothing_is_evaluated(inputs: Inputs, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There are 35 test images, and answers to those from"):
        write_evaluation(CONFIG, replace(inputs, answers=()), tmp_path / "e")


def test_the_facts_name_the_hierarchy_and_what_lies_outside_it(evaluation: Path) -> None:
    facts = json.loads((evaluation / "evaluation.json").read_text())
    assert facts["hierarchy"] == "tiny.structure.txt"
    assert facts["labels_outside_hierarchy"] == ["n00000007"]
    assert facts["mean_correct_set_size"]["seen"]["1"] == 1


def test_a_second_evaluation_gives_the_same_files(
    inputs: Inputs, evaluation: Path, tmp_path: Path
) -> None:
    write_evaluation(CONFIG, inputs, tmp_path / "evaluation")
    for name in ("metrics.json", "predictions.parquet", "confidence.json", "evaluation.json"):
        assert (tmp_path / "evaluation" / name).read_bytes() == (evaluation / name).read_bytes()


def test_without_zero_shot_sets_only_seen_labels_are_evaluated(
    experiment: Experiment, tmp_path: Path
) -> None:
    config = unchecked(EvaluateSettings, zero_shot_sets=(), bootstrap_samples=10)
    alone = replace(experiment.given, models=experiment.models[:2])
    inputs = ranked(config, alone, experiment.taxonomy, tmp_path)
    metrics = write_evaluation(config, inputs, tmp_path / "e")
    assert {name.split("/")[1] for name in metrics} == {"seen", "without_vector"}
    confidence = json.loads((tmp_path / "e" / "confidence.json").read_text())
    name = "devise_vs_conse/unseen/flat_hit_at_1"
    assert confidence["claims_left_out"][name] == "The run has no set unseen."
