from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import CLASSES, WITHOUT_VECTOR, write_space
from twins.eszsl_loop import bilinear_form

from components.shared.artifacts.label_space import read_label_space, targets
from components.shared.baselines.class_statistics import class_statistics
from components.shared.baselines.eszsl import Eszsl, eszsl_scorer, fit_eszsl


def test_one_feature_and_one_dimension_are_solved_by_hand() -> None:
    # x = 1, 3 of classes a, b with s = 1, -1: X X^T = 10, X Y S^T = (1 - 3) - (3 - 1) = -4.
    statistics = class_statistics([np.array([[1.0], [3.0]])], np.array([0, 1]), ["a", "b"])
    vectors = np.array([[1.0], [-1.0]], np.float32)
    found = fit_eszsl(statistics, vectors, gamma=2.0, lambda_=6.0)
    assert found.form == pytest.approx(np.array([[-4 / 12 / 8]]))


@pytest.mark.parametrize(("gamma", "lambda_"), [(1.0, 1.0), (100.0, 0.01)])
def test_it_agrees_with_the_papers_matrices(gamma: float, lambda_: float) -> None:
    generator = np.random.default_rng(0)
    numbers = generator.permutation(np.repeat(np.arange(4), 9))
    features = np.abs(generator.standard_normal((36, 5)))
    vectors = generator.standard_normal((4, 3)).astype(np.float32)
    statistics = class_statistics([features], numbers, list("abcd"))
    found = fit_eszsl(statistics, vectors, gamma=gamma, lambda_=lambda_)
    wanted = bilinear_form(features, numbers, vectors, gamma, lambda_)
    assert found.form == pytest.approx(wanted, rel=1e-4, abs=1e-7)


def test_labels_are_ranked_by_the_form(tmp_path: Path) -> None:
    write_space(tmp_path, 1, "skipgram")
    space = read_label_space(tmp_path)
    form = np.random.default_rng(1).standard_normal((5, 6)).astype(np.float32)
    features = torch.randn(20, 5, generator=torch.manual_seed(0))
    found = eszsl_scorer(Eszsl(form), space, CLASSES)(features)
    kept = [wnid for wnid in CLASSES if wnid not in WITHOUT_VECTOR]
    for image, row in zip(features.numpy(), found.wnids, strict=True):
        scores = dict(zip(kept, targets(space, kept) @ (image @ form), strict=True))
        scores["n00000006"] = scores["n00000002"]
        assert [w for w in row if w] == sorted(kept, key=lambda wnid: (-scores[wnid], wnid))
