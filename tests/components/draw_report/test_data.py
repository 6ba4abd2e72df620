import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.experiment import SEEN, UNSEEN

from components.draw_report.data import (
    Inputs,
    ReportData,
    read_report_data,
    variant_settings,
)
from components.shared.settings.report import ReportSettings


def test_an_evaluation_of_other_images_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    shutil.copytree(inputs.image_index, tmp_path / "index")
    index = pd.read_parquet(tmp_path / "index" / "index.parquet")
    index[index["path"] != "test/n00000001/0.JPEG"].to_parquet(tmp_path / "index" / "index.parquet")
    other = replace(inputs, image_index=tmp_path / "index")
    with pytest.raises(ValueError, match="ranked other images for 'seen'"):
        read_report_data(ReportSettings(), other, {})


def test_the_run_is_told_by_the_evaluation_and_the_seconds_by_the_stage(inputs: Inputs) -> None:
    told = {"code_version": "of the report", "stage_seconds": {"evaluate": 2.5}}
    data = read_report_data(ReportSettings(), inputs, told)
    assert data.facts["code_version"] == "of the evaluation"
    assert data.facts["stage_seconds"] == {"evaluate": 2.5}


def test_two_labels_of_one_term_are_told_apart_without_their_wnids(data: ReportData) -> None:
    assert data.names["n00000002"] == "crane (heron)"
    assert data.names["n00000006"] == "crane (thing)"


def test_a_figure_is_ranked_only_up_to_the_labels_there_are(data: ReportData) -> None:
    assert data.is_ranked("seen", "flat_hit_at_2")
    assert not data.is_ranked("seen", "flat_hit_at_5"), "there are four"
    assert data.is_ranked("unseen_plus_seen", "hierarchical_precision_at_5")


def test_the_names_of_both_groups_of_labels_are_known(data: ReportData) -> None:
    assert set(data.names) >= {*SEEN, *UNSEEN}


def test_the_models_that_read_the_hierarchy_are_known_from_what_they_say_of_themselves(
    inputs: Inputs, data: ReportData, tmp_path: Path
) -> None:
    assert not data.artifacts.soft_labels | data.artifacts.retrofitted
    models = tuple(shutil.copytree(model, tmp_path / model.name) for model in inputs.models)
    for model, share, vectors in zip(models, (0.0, 0.5), ("skipgram", "random"), strict=True):
        tell(model / "config.json", training={"soft_label_share": share})
        space = model / "label_space" / "label_space.json"
        tell(space, retrofitting=2.0, vectors=vectors)
    shown = read_report_data(ReportSettings(), replace(inputs, models=models), {}).artifacts
    assert shown.soft_labels == frozenset({"random"})
    assert shown.retrofitted == frozenset({"devise"})
    tell(models[0] / "label_space" / "label_space.json", retrofitting=0.0)
    shown = read_report_data(ReportSettings(), replace(inputs, models=models), {}).artifacts
    assert not shown.retrofitted


def tell(file: Path, **facts: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **facts}))


def test_what_a_variant_changes_is_read_from_what_the_evaluation_recorded() -> None:
    variants = ["devise_l2: devise_loss=l2 devise_margin=0.2", "devise_again"]
    assert variant_settings({"parameters": {"variants": variants}}) == {
        "devise_l2": {"devise_loss": "l2", "devise_margin": "0.2"},
        "devise_again": {},
    }
