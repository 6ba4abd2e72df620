import pytest
import torch

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.settings.devise import DeviseSettings
from components.train_devise.losses.problem import Problem


def test_one_label_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs two or more"):
        Problem(DeviseSettings(), torch.ones(1, 4), {"x": 0}, Taxonomy({}, [], "none"))
