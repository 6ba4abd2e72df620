import json
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualConfig, build

CPU = torch.device("cpu")
SMALL = "shufflenet_v2_x0_5"
CLASSES = ("n00000001", "n00000002", "n00000003")


def config(architecture: str = SMALL, size: int = 32) -> VisualConfig:
    return VisualConfig(architecture, CLASSES, size, size)


@pytest.mark.parametrize(
    ("architecture", "size", "features"),
    [
        ("alexnet", 64, 4096),
        ("densenet121", 32, 1024),
        ("efficientnet_b0", 32, 1280),
        ("googlenet", 32, 1024),
        ("mobilenet_v3_small", 32, 1024),
        ("regnet_x_400mf", 32, 400),
        ("resnet18", 32, 512),
        (SMALL, 32, 1024),
    ],
)
def test_classifier_on_trunk_is_torchvisions_own_network(
    architecture: str, size: int, features: int
) -> None:
    torch.manual_seed(0)
    model = build(config(architecture, size)).eval()
    options = {"aux_logits": False, "init_weights": True} if architecture == "googlenet" else {}
    torch.manual_seed(0)
    own = torchvision.models.get_model(architecture, weights=None, num_classes=3, **options)
    own = own.to(memory_format=torch.channels_last).eval()
    images = torch.randn(2, 3, size, size)
    with torch.no_grad():
        assert model.trunk(images).shape == (2, features)
        assert torch.allclose(model(images), own(images), atol=1e-6)
    assert model.config.feature_dim == features
    assert isinstance(model.classifier, nn.Linear)


def test_an_unknown_architecture_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ValueError, match="'resnet19', which torchvision does not have: choose res"):
        build(config("resnet19"))


def test_a_network_that_does_not_end_in_a_linear_layer_is_not_offered() -> None:
    with pytest.raises(ValueError, match="'squeezenet1_1' does not end in a linear layer, which"):
        build(config("squeezenet1_1"))


@pytest.mark.parametrize(("architecture", "size"), [("alexnet", 16), ("vit_b_32", 40)])
def test_an_input_that_the_network_cannot_take_is_refused(architecture: str, size: int) -> None:
    message = f"'{architecture}' cannot take images of {size} pixels: choose"
    with pytest.raises(ValueError, match=message):
        build(config(architecture, size))


def test_a_saved_model_comes_back_the_same(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = build(config())
    model(torch.randn(4, 3, 32, 32))
    visual_model.save(model, tmp_path / "m", [{"epoch": 1, "train_loss": 2.0}])
    back = visual_model.load(tmp_path / "m", CPU)
    assert back.config == model.config
    assert not back.training
    expected, actual = model.state_dict(), back.state_dict()
    assert expected.keys() == actual.keys()
    assert all(torch.equal(expected[name], actual[name]) for name in expected)
    assert json.loads((tmp_path / "m" / "history.json").read_text())[0]["train_loss"] == 2.0


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    visual_model.save(build(config()), tmp_path, [])
    content = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**content, "architecture": "resnet18"}))
    with pytest.raises(ValueError, match=r"weights\.safetensors does not fit config\.json"):
        visual_model.load(tmp_path, CPU)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"config\.json is missing: give the output of"):
        visual_model.load(tmp_path, CPU)
