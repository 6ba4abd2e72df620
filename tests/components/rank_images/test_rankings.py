import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from support.experiment import DIM, EDGES, SEEN, Experiment, made_experiment
from support.settings import unchecked

from components.rank_images import hops as hops_module
from components.rank_images.baselines import Baselines
from components.rank_images.conse_hierarchy import conse_hierarchy
from components.rank_images.hops import hops_between
from components.rank_images.kept_answers import Rankings
from components.rank_images.rankings import (
    Asked,
    Models,
    TrainedModel,
    rank_with_every_model,
    same_answers,
)
from components.rank_images.reference import reference_of
from components.rank_images.softmax_hierarchy import softmax_hierarchy
from components.shared.artifacts.candidate_sets import candidate_sets
from components.shared.artifacts.compared import HopWeights
from components.shared.artifacts.features import held_out_images, read_features
from components.shared.artifacts.label_space import read_label_space
from components.shared.baselines.eszsl import Eszsl, eszsl_scorer
from components.shared.baselines.scoring import ranker_of
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.networks.devise_model import PHASE_1_FILE, read_devise_model, read_phase_1
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.rankers import (
    conse_points,
    conse_ranker,
    label_ranker,
    softmax_ranker,
)
from components.shared.settings.evaluate import EvaluateSettings

CONFIG = unchecked(EvaluateSettings, precision="fp32", conse_top=3)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return made_experiment(tmp_path_factory, {"devise_l2": 1, "devise_best": 3})


@pytest.fixture(scope="module")
def trained(experiment: Experiment) -> list[TrainedModel]:
    devise, random = experiment.devise_model, experiment.random_devise_model
    return [
        TrainedModel(name, folder, read_label_space(folder / "label_space"))
        for name, folder in {
            "devise": devise,
            **{folder.name: folder for folder in experiment.variant_models},
            "random": random,
        }.items()
    ]


@pytest.fixture(scope="module")
def asked(experiment: Experiment, trained: list[TrainedModel]) -> Asked:
    index = read_index(experiment.image_index)
    held_out = held_out_images(index)
    chosen = (held_out["split"] == "test") & held_out["seen"]
    frame = held_out[chosen].reset_index(drop=True)
    features = read_features(experiment.features, index).held_out().of(np.flatnonzero(chosen))
    sets = candidate_sets(trained[0].space, [], frame)
    return Asked(sets, frame, range(len(frame)), features, CPU)


@pytest.fixture(scope="module")
def answers(experiment: Experiment, trained: list[TrainedModel], asked: Asked) -> Rankings:
    return answers_of(experiment, trained, asked)


def answers_of(experiment: Experiment, trained: list[TrainedModel], asked: Asked) -> Rankings:
    """All answers, which come in one piece."""
    answers: Rankings = {}
    folders = experiment.visual_model, experiment.continued_visual_model
    models = Models(*folders, trained, baselines(experiment))
    rank_with_every_model(CONFIG, models, asked, answers.update)
    return answers


def baselines(experiment: Experiment) -> Baselines:
    """Those by hops, and one that is fitted."""
    space = read_label_space(experiment.devise_model / "label_space")
    fitted = {"eszsl": partial(eszsl_scorer, Eszsl(np.ones((1024, DIM), np.float32)), space)}
    return Baselines(build_hierarchy(EDGES), HopWeights(0.8, 0.4, 3), fitted)


@pytest.fixture(scope="module")
def images(experiment: Experiment, asked: Asked) -> torch.Tensor:
    view = visual_model.load(experiment.visual_model, CPU).config.view
    return torch.cat(list(centre_batches(ImageStore(asked.frame), view, 128, CPU)))


@torch.inference_mode()
def test_each_model_answers_as_when_it_is_asked_alone(
    experiment: Experiment,
    trained: list[TrainedModel],
    asked: Asked,
    answers: Rankings,
    images: torch.Tensor,
) -> None:
    pretrained = visual_model.load(experiment.visual_model, CPU)
    continued = visual_model.load(experiment.continued_visual_model, CPU)
    classes, wnids = pretrained.config.classes, asked.sets[0].members
    features = pretrained.trunk(images).half().float()
    logits = pretrained.classifier(features)
    hops = hops_between(build_hierarchy(EDGES), classes, wnids)
    expected = {
        "softmax": softmax_ranker(classes)(logits),
        "softmax_continued": softmax_ranker(classes)(continued(images)),
        "softmax_hierarchy": ranker_of(softmax_hierarchy(hops, 0.8))(logits),
        "conse_hierarchy": ranker_of(conse_hierarchy(hops, wnids, 0.4, 3))(logits),
        "eszsl": ranker_of(baselines(experiment).fitted["eszsl"](wnids))(features),
        "conse": conse_ranker(trained[0].space, classes, wnids, 3)(logits),
        "conse_best": conse_ranker(trained[2].space, classes, wnids, 3)(logits),
    }
    for model in trained:
        rank = label_ranker(model.space, wnids)
        projection = read_phase_1(model.folder)
        assert projection is not None
        expected[f"{model.name}_phase_1"] = rank(projection(features))
        expected[model.name] = rank(read_devise_model(model.folder).embed(images))
    assert {name for name, _ in answers} == set(expected)
    for name, ranking in expected.items():
        assert (asked.names.wnids_of(answers[name, "seen"]) == ranking.wnids).all(), name


@torch.inference_mode()
def test_with_a_reference_each_model_that_ranks_by_cosine_ranks_by_csls(
    experiment: Experiment, trained: list[TrainedModel], asked: Asked, images: torch.Tensor
) -> None:
    index = read_index(experiment.image_index)
    reference = reference_of(index, read_features(experiment.features, index), 2, CPU)
    found = answers_of(experiment, trained[:1], replace(asked, reference=reference))
    model, wnids = trained[0], asked.sets[0].members
    projection, network = read_phase_1(model.folder), read_devise_model(model.folder)
    assert projection is not None
    view = network.config.visual.view
    pretrained = visual_model.load(experiment.visual_model, CPU)
    classes = pretrained.config.classes
    points = conse_points(model.space, classes, 3)
    crowded = {
        "devise": reference.by_images([(model.space, network.embed)], view)[0],
        "devise_phase_1": reference.by_features(model.space, projection),
        "conse": reference.by_features(
            model.space, lambda one: points(pretrained.classifier(one))[0]
        ),
    }
    features = pretrained.trunk(images).half().float()
    near = partial(label_ranker, model.space, wnids)
    conse = conse_ranker(model.space, classes, wnids, 3, crowded["conse"])
    expected = {
        "devise": near(crowded["devise"])(network.embed(images)),
        "devise_phase_1": near(crowded["devise_phase_1"])(projection(features)),
        "conse": conse(pretrained.classifier(features)),
    }
    for name, ranking in expected.items():
        assert (asked.names.wnids_of(found[name, "seen"]) == ranking.wnids).all(), name


def test_the_images_of_the_reference_are_decoded_once_for_all_networks(
    experiment: Experiment,
    trained: list[TrainedModel],
    asked: Asked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = read_index(experiment.image_index)
    reference = reference_of(index, read_features(experiment.features, index), 2, CPU)
    read: list[bytes] = []

    def counted(store: ImageStore, row: int) -> bytes:
        read.append(read_image(store, row))
        return read[-1]

    read_image = ImageStore.read
    monkeypatch.setattr(ImageStore, "read", counted)
    answers_of(experiment, trained, replace(asked, reference=reference))
    assert len(trained) > 1
    assert len(read) == len(reference.frame) + len(asked.frame)


@pytest.fixture(scope="module")
def asked_of_both(experiment: Experiment, trained: list[TrainedModel]) -> Asked:
    """Seen and unseen labels, on images of both."""
    index = read_index(experiment.image_index)
    held_out = held_out_images(index)
    chosen = (held_out["split"] == "test").to_numpy()
    frame = held_out[chosen].reset_index(drop=True)
    features = read_features(experiment.features, index).held_out().of(np.flatnonzero(chosen))
    sets = candidate_sets(trained[0].space, ["unseen"], frame)
    return Asked(sets, frame, range(len(frame)), features, CPU)


def test_the_hierarchy_is_searched_once_from_each_class_whatever_is_ranked(
    experiment: Experiment,
    trained: list[TrainedModel],
    asked_of_both: Asked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[int] = []

    def counted(graph: csr_array, indices: list[int], **options: bool) -> np.ndarray:
        searches.extend(indices)
        found: np.ndarray = dijkstra(graph, indices=indices, **options)
        return found

    monkeypatch.setattr(hops_module, "dijkstra", counted)
    answers = answers_of(experiment, trained[:1], asked_of_both)
    assert len({name for model, name in answers if model == "conse_hierarchy"}) > 2
    assert len(searches) == len(set(searches)) == len(SEEN)


def test_scores_are_kept_of_what_calibration_reads_and_of_no_softmax(
    experiment: Experiment, trained: list[TrainedModel], asked_of_both: Asked
) -> None:
    frame = asked_of_both.frame
    both = answers_of(experiment, trained[:1], asked_of_both)
    kept = {key for key, packed in both.items() if packed.scores is not None}
    models = ("devise", "devise_phase_1", "conse", "conse_hierarchy", "eszsl")
    halves = ("seen", "unseen", "seen.unseen", "unseen.seen")
    assert kept == {(model, name) for model in models for name in halves}
    assert not {("softmax", "unseen.seen"), ("softmax_hierarchy", "unseen.seen")} & set(both)
    packed = both["devise", "unseen.seen"]
    assert packed.scores is not None
    assert np.array_equal(np.rint(packed.scores * 1000)[:, 0], packed.cosines[:, 0])
    assert len(packed.places) == frame["seen"].sum()


def without_phase_1(model: TrainedModel, folder: Path) -> TrainedModel:
    folder.mkdir()
    for file in model.folder.iterdir():
        if file.name != PHASE_1_FILE:
            (folder / file.name).symlink_to(file)
    return replace(model, folder=folder)


def test_a_model_without_phase_1s_projection_has_no_such_row(
    experiment: Experiment, trained: list[TrainedModel], asked: Asked, tmp_path: Path
) -> None:
    alone = [without_phase_1(trained[0], tmp_path / "devise")]
    answers = answers_of(experiment, alone, asked)
    others = {"softmax_hierarchy", "conse_hierarchy", "eszsl"}
    assert {name for name, _ in answers} - others == {
        *("softmax", "softmax_continued", "devise", "conse"),
    }


def as_phase_1_left_it(model: TrainedModel, folder: Path) -> TrainedModel:
    """The model with the projection of phase 1, and no weights of its own."""
    shutil.copytree(model.folder, folder, ignore=shutil.ignore_patterns("model.*"))
    config = json.loads((folder / "config.json").read_text())
    config["training"]["best_phase"] = 1.0
    (folder / "config.json").write_text(json.dumps(config))
    return replace(model, folder=folder)


def test_a_model_that_phase_2_made_no_better_answers_from_the_features(
    experiment: Experiment, trained: list[TrainedModel], asked: Asked, tmp_path: Path
) -> None:
    models = [as_phase_1_left_it(trained[0], tmp_path / "devise"), *trained[1:]]
    answers = answers_of(experiment, models, asked)
    assert "devise" not in {name for name, _ in answers}
    same = same_answers(models, asked.sets)
    assert same == {("devise", "seen"): ("devise_phase_1", "seen")}
    assert set(same.values()) < set(answers)
