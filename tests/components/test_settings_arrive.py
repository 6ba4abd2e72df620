"""Every setting on its whole way: from open_run through the face, as this machine runs it.

The record that a stage leaves when it starts says what arrived; what it does then is of no interest
here, and fails for want of inputs.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl, local
from support.settings import another

from components.open_run.handing_out import hand_out
from components.shared.execution.code_version import code_version
from components.shared.execution.run_folder import STARTED, records
from components.shared.settings.parameter import is_for_a_stage, is_settable
from components.shared.settings.table import GROUPS, PARAMETERS, public_name
from pipeline.local.processes import own_groups
from pipeline.local.stopping import stoppable

VALUES = {name: another(name) for name in PARAMETERS}
GROUPS_READ = ("taxonomy", "corpus", "skipgram", "images", "visual", "labels")
STATES = {group: {f"s3://devise/{group}": "2 files"} for group in GROUPS_READ}
STATES["corpus"] = {"c": "3 files"}
STATES["labels"] = {VALUES["labels_vectors_uri"]: "2 files"}
OPENED = hand_out(VALUES, STATES)
VARIANT = OPENED.models[-1]
PART = OPENED.image_parts[-1]
STAGES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "prepare_taxonomy": ("taxonomy", OPENED.taxonomy, {"sources": STATES["taxonomy"]}),
    "prepare_corpus": ("corpus", OPENED.corpus, {"part": "c", "sources": STATES["corpus"]}),
    "train_skipgram": ("skipgram", OPENED.skipgram, {"sources": STATES["skipgram"]}),
    "pack_images": (
        "images", OPENED.packing,
        {"sources": STATES["images"], "part": int(PART["part"]), "unseen": []},
    ),
    "prepare_images": ("images", OPENED.images, {"sources": STATES["images"]}),
    "pretrain_visual": ("visual", OPENED.visual, {"sources": STATES["visual"]}),
    "embed_images": (
        "embed", OPENED.embed,
        {
            "views": VALUES["devise_phase_1_views"],
            "store_uri": VALUES["images_store_uri"],
            "processes": VALUES["visual_processes"],
            "training_seed": VALUES["training_seed"],
        },
    ),
    "map_synsets": (
        "labels", VARIANT["labels"],
        {"zero_shot_sets": VALUES["evaluate_zero_shot_sets"], "sources": STATES["labels"]},
    ),
    "train_devise": ("devise", VARIANT["devise"], {"model_name": "other"}),
    "fit_baselines": (
        "baselines", OPENED.baselines,
        {
            "set_names": VALUES["evaluate_zero_shot_sets"],
            "minimum_count": VALUES["labels_minimum_count"],
        },
    ),
    "rank_images": (
        "evaluate", OPENED.evaluate,
        {"part": int(PART["part"]), "of_parts": int(PART["parts"])},
    ),
    "evaluate": ("evaluate", OPENED.evaluate, {"variants": VALUES["devise_variants"]}),
    "draw_report": ("report", OPENED.report, {}),
    "register_model": ("register", OPENED.register, {}),
}  # fmt: skip
"""The group that each stage is given, how open_run hands it over, and what open_run adds."""
KINDS = (dsl.Dataset, dsl.Model, dsl.HTML)
TEXTS = {**OPENED.corpora[0], **PART, "variant": VARIANT["variant"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Of a run whose tasks are processes as `run` starts them; whatever they write lies in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    (tmp_path / "empty").mkdir()
    runner = local.SubprocessRunner(use_venv=False)
    local.init(runner, pipeline_root=str(tmp_path / "root"), raise_on_error=False)
    with stoppable(), own_groups():
        yield tmp_path


def alone(stage: str, settings: Any, empty: Path) -> Any:
    """A pipeline of one stage, whose artifacts are the empty folder."""
    face = getattr(import_module(f"components.{stage}.component"), stage)
    texts = {**TEXTS, "code_version": code_version(stage)}

    def artifact(wanted: Any) -> Any:
        (kind,) = (one for one in KINDS if wanted.type.startswith(f"{one.schema_title}@"))
        return dsl.importer(artifact_uri=str(empty), artifact_class=kind).output

    def pipeline() -> None:
        given: dict[str, Any] = {"settings": settings}
        for name, wanted in face.component_spec.inputs.items():
            if wanted.is_artifact_list:
                with dsl.ParallelFor(["one"]):
                    one = artifact(wanted)
                given[name] = dsl.Collected(one)
            elif wanted.type.startswith("system."):
                given[name] = artifact(wanted)
            elif name not in given:
                given[name] = texts.get(name, "a text")
        face(**given)

    return dsl.pipeline(name="alone")(pipeline)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.filterwarnings("ignore:You may be attemping:RuntimeWarning")
def test_every_setting_arrives_as_it_was_given(stage: str, folder: Path) -> None:
    group, settings, added = STAGES[stage]
    fields = GROUPS[group].model_fields.items()
    set_ = [name for name, info in fields if is_settable(info) and is_for_a_stage(info)]
    alone(stage, settings, folder / "empty")()
    (record,) = records(folder, STARTED)
    expected = {name: VALUES[public_name(group, name)] for name in set_} | added
    found = {name: record["parameters"][name] for name in expected}
    # As text: 3 and 3.0 are equal and yet not the same.
    assert json.dumps(found) == json.dumps(expected)


def test_no_setting_of_a_stage_is_left_out() -> None:
    assert {group for group, _, _ in STAGES.values()} == set(GROUPS) - {"run"}


def test_no_value_that_is_given_is_the_default() -> None:
    assert not [name for name, value in VALUES.items() if value == PARAMETERS[name].default]
