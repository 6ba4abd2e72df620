import sys
from typing import Any

import pytest
import torch

from components.shared.networks.timm_models import check_timm, timm_network, timm_normalisation
from components.shared.networks.visual_model import VisualConfig, build

CLASSES = ("n00000001", "n00000002", "n00000003")


@pytest.fixture(name="timm")
def timm_where_it_is_installed() -> Any:
    """The package, which is an extra; without it these tests are left out."""
    return pytest.importorskip("timm")


def test_without_the_package_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        ValueError, match=r"the package timm is not installed: pip install -e '\.\["
    ):
        check_timm("timm:resnet18")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("timm:efficientnet_lite9", "timm does not have: choose timm:efficientnet_lite"),
        ("timm:test_vit.nothing", "timm does not have: choose timm:test_vit.r160_in1k"),
    ],
)
@pytest.mark.usefixtures("timm")
def test_a_name_that_timm_does_not_have_is_refused_with_the_nearest(
    name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_timm(name)


@pytest.mark.parametrize(("name", "size"), [("test_efficientnet", 32), ("test_vit", 64)])
def test_classifier_on_trunk_is_timms_own_network(timm: Any, name: str, size: int) -> None:
    torch.manual_seed(0)
    model = build(VisualConfig(f"timm:{name}", CLASSES, size, size)).eval()
    torch.manual_seed(0)
    own = timm_network(f"timm:{name}", len(CLASSES), size).eval()
    images = torch.randn(2, 3, size, size)
    with torch.no_grad():
        assert torch.allclose(model(images), own(images), atol=1e-6)
        assert model.trunk(images).shape == (2, model.config.feature_dim)
    assert model.classifier.out_features == 3


@pytest.mark.usefixtures("timm")
def test_a_network_of_timms_that_does_not_end_in_a_linear_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="'timm:resnetv2_50' does not end in a linear layer"):
        build(VisualConfig("timm:resnetv2_50", CLASSES, 32, 32))


@pytest.mark.parametrize("name", ["deit_tiny_distilled_patch16_224", "levit_128s"])
@pytest.mark.usefixtures("timm")
def test_a_network_of_two_heads_is_refused_with_the_advice_to_take_one_of_one(name: str) -> None:
    with pytest.raises(ValueError, match=f"'timm:{name}' has two heads, .* without distillation"):
        build(VisualConfig(f"timm:{name}", CLASSES, 64, 64))


@pytest.mark.usefixtures("timm")
def test_the_colours_are_those_of_the_weights_that_a_tag_names() -> None:
    halves, imagenet = (0.5, 0.5, 0.5), ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert timm_normalisation("timm:tf_efficientnet_lite0.in1k") == (halves, halves)
    assert timm_normalisation("timm:efficientnet_lite0") == imagenet
