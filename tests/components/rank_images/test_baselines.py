from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import CLASSES, QUICK, SEEN, made_experiment
from support.settings import unchecked

from components.fit_baselines.gathering import gather
from components.rank_images.baselines import Baselines, read_baselines
from components.shared.artifacts.compared import read_compared
from components.shared.settings.baselines import BaselinesSettings

CONFIG = unchecked(
    BaselinesSettings, hierarchy_beta=0.1, conse_hierarchy_beta=0.2, conse_hierarchy_top=0, **QUICK
)


@pytest.fixture(scope="module")
def baselines(tmp_path_factory: pytest.TempPathFactory) -> Baselines:
    folder: Path = tmp_path_factory.mktemp("gathered")
    experiment = made_experiment(tmp_path_factory, {"devise_best": 3})
    gather(CONFIG, experiment.given, folder / "compared")
    compared = read_compared(folder / "compared")
    spaces = {name: compared.space_of(name) for name in compared.folders}
    return read_baselines(compared, spaces)


def test_each_fitted_one_ranks_the_labels_that_it_knows(baselines: Baselines) -> None:
    features = torch.randn(5, 1024, generator=torch.Generator().manual_seed(0))
    ranked = {name: scorer(CLASSES)(features) for name, scorer in baselines.fitted.items()}
    assert list(ranked) == ["exem", "eszsl", "exem_best", "eszsl_best", "dgp"]
    for name, found in ranked.items():
        # Two labels have no vector, of which one has a way in the hierarchy to a node with one.
        known = {*CLASSES[:-1]} if name == "dgp" else {*CLASSES} - {CLASSES[0], CLASSES[6]}
        assert all({*row} - {None} == known for row in found.wnids), name
    assert (ranked["eszsl"].scores != ranked["eszsl_best"].scores).any()


def test_those_by_hops_read_the_hierarchy_with_their_own_weights(baselines: Baselines) -> None:
    logits = torch.tensor([[0.0, 9.0, 0.0, 0.0]])
    hops = baselines.hops(SEEN, CLASSES)
    softmax = baselines.softmax_hierarchy(hops)(logits)
    assert softmax.wnids[0, :4].tolist() == [SEEN[1], SEEN[3], SEEN[0], SEEN[2]]
    assert softmax.scores is None
    conse = baselines.conse_hierarchy(hops, CLASSES)(logits)
    assert conse.wnids[0, :3].tolist() == [SEEN[1], CLASSES[4], SEEN[3]]
    # Its brother's column adds up to exp(-0.4) for two classes and exp(-0.8) for the others.
    weights = np.exp([-0.4, -0.4, -0.8, -0.8])
    assert conse.scores[0, 1] == pytest.approx(weights[0] / weights.sum(), abs=1e-3)
