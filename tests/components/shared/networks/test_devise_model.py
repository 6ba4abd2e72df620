import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from components.shared.networks.devise_model import (
    PHASE_1_FILE,
    DeviseModel,
    DeviseModelConfig,
    read_devise_model,
    read_phase_1,
)
from components.shared.networks.visual_model import VisualConfig

VISUAL = VisualConfig("resnet18", ("n1", "n2"), 8, 8, feature_dim=3)
CONFIG = DeviseModelConfig(VISUAL, "devise", 4, False, True, "fp32")


def tiny_model(**options: Any) -> DeviseModel:
    torch.manual_seed(0)
    trunk = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    return DeviseModel(trunk, dataclasses.replace(CONFIG, **options))


def test_the_projection_is_linear_and_scaled_to_unit_norm_only_where_asked() -> None:
    images = torch.rand(5, 3, 8, 8)
    raw, scaled = tiny_model(normalise_projection=False), tiny_model()
    expected = images.mean(dim=(2, 3)) @ raw.projection.weight.T
    torch.testing.assert_close(raw(images), expected)
    torch.testing.assert_close(scaled(images), torch.nn.functional.normalize(expected))


def test_what_is_embedded_for_ranking_always_has_unit_norm_and_full_precision() -> None:
    model = tiny_model(normalise_projection=False, precision="bf16")
    points = model.embed(torch.rand(5, 3, 8, 8))
    assert points.dtype == torch.float32
    torch.testing.assert_close(points.norm(dim=1), torch.ones(5))


def test_a_bias_is_an_option() -> None:
    assert tiny_model().projection.bias is None
    assert tiny_model(bias=True).projection.bias is not None


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is no DeViSE model: config\.json is missing"):
        read_devise_model(tmp_path)


@pytest.mark.parametrize("bias", [False, True])
def test_phase_1s_projection_is_read_as_it_was_kept(tmp_path: Path, bias: bool) -> None:
    kept = torch.nn.Linear(3, 4, bias=bias)
    tensors = {f"projection.{name}": tensor for name, tensor in kept.state_dict().items()}
    save_file(tensors, tmp_path / PHASE_1_FILE)
    features = torch.rand(5, 3)
    read = read_phase_1(tmp_path)
    assert read is not None
    torch.testing.assert_close(read(features), kept(features))


def test_where_phase_1s_projection_was_not_kept_there_is_none(tmp_path: Path) -> None:
    assert read_phase_1(tmp_path) is None
