from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from support.experiment import (
    CLASSES,
    EDGES,
    QUICK,
    SEEN,
    write_images,
    write_taxonomy,
    write_visual_model,
    write_words_of,
)
from support.settings import changed, unchecked

from components.fit_baselines import graph_network
from components.fit_baselines.fits import UnfitError
from components.fit_baselines.graph_network import Sources, dgp_of, fit_graph_network
from components.shared.artifacts.taxonomy import IS_A_FILE, Taxonomy, read_taxonomy
from components.shared.networks import visual_model
from components.shared.settings.baselines import BaselinesSettings

CONFIG = unchecked(BaselinesSettings, **QUICK)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("sources")
    found = Sources(folder / "taxonomy", folder / "word_vectors", folder / "visual_model")
    write_taxonomy(found.taxonomy)
    write_words_of(found.word_vectors)
    write_images(folder / "image_index")
    write_visual_model(found.visual_model, folder / "image_index", 0)
    return found


def test_labels_with_a_way_to_a_word_vector_get_weights_of_unit_norm(sources: Sources) -> None:
    dgp = dgp_of(CONFIG, sources, CLASSES)
    # The last one has no vector and lies outside the hierarchy; another has none of its own.
    assert dgp.wnids == tuple(CLASSES[:-1])
    assert dgp.weights.shape == (6, 1025)
    assert np.linalg.norm(dgp.weights, axis=1) == pytest.approx(1, abs=1e-5)


def test_every_option_of_a_run_is_used(sources: Sources) -> None:
    before = dgp_of(CONFIG, sources, CLASSES).weights
    others = {
        "dgp_hidden": 9, "dgp_steps": 4, "dgp_learning_rate": 0.1, "dgp_weight_decay": 0.5,
        "dgp_dropout": 0.1, "training_seed": 3, "minimum_count": 8,
    }  # fmt: skip
    assert (dgp_of(changed(CONFIG, minimum_count=9), sources, CLASSES).weights == before).all()
    for name, value in others.items():
        found = dgp_of(changed(CONFIG, **{name: value}), sources, CLASSES).weights
        is_used = not np.array_equal(found, before)
        assert is_used == (name != "minimum_count"), name


def test_a_last_layer_without_a_bias_has_one_of_zero(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted(bias: torch.Tensor | None) -> np.ndarray:
        model = visual_model.load(sources.visual_model, torch.device("cpu"))
        parameter = None if bias is None else torch.nn.Parameter(bias)
        model.classifier.register_parameter("bias", parameter)
        with monkeypatch.context() as patch:
            patch.setattr(visual_model, "load", lambda *_: model)
            return dgp_of(CONFIG, sources, CLASSES).weights

    assert np.array_equal(fitted(None), fitted(torch.zeros(len(SEEN))))
    assert not np.array_equal(fitted(None), fitted(torch.ones(len(SEEN))))


def test_where_the_hierarchy_has_a_direction_links_lead_upwards(
    sources: Sources, tmp_path: Path
) -> None:
    taxonomy = tmp_path / "taxonomy"
    write_taxonomy(taxonomy)
    pairs = pd.DataFrame(EDGES, columns=["parent", "child"])
    pairs.to_parquet(taxonomy / IS_A_FILE)
    directed = Sources(taxonomy, sources.word_vectors, sources.visual_model)
    found = {far: dgp_of(changed(CONFIG, dgp_farthest=far), directed, SEEN) for far in (1, 2)}
    assert not np.array_equal(found[1].weights, found[2].weights)
    around = [dgp_of(changed(CONFIG, dgp_farthest=far), sources, SEEN) for far in (1, 2)]
    assert np.array_equal(around[0].weights, around[1].weights)


@pytest.mark.parametrize("is_directed", [False, True])
def test_the_taxonomy_is_read_once(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_directed: bool
) -> None:
    taxonomy = tmp_path / "taxonomy"
    write_taxonomy(taxonomy)
    if is_directed:
        pd.DataFrame(EDGES, columns=["parent", "child"]).to_parquet(taxonomy / IS_A_FILE)
    readings: list[Path] = []

    def counted(folder: Path) -> Taxonomy:
        readings.append(folder)
        return read_taxonomy(folder)

    monkeypatch.setattr(graph_network, "read_taxonomy", counted)
    dgp_of(CONFIG, Sources(taxonomy, sources.word_vectors, sources.visual_model), SEEN)
    assert readings == [taxonomy]


def test_without_any_word_vector_it_is_left_out_with_the_reason(sources: Sources) -> None:
    rare = changed(CONFIG, minimum_count=10)
    with pytest.raises(UnfitError, match="No label has a way"):
        dgp_of(rare, sources, CLASSES)
    assert list(fit_graph_network(rare, sources, CLASSES).left_out) == ["dgp"]
    assert fit_graph_network(CONFIG, sources, CLASSES).fitted["dgp"].model == "devise"
