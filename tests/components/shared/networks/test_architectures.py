import pytest
import torchvision

from components.shared.networks.architectures import (
    ARCHITECTURES,
    NO_LINEAR_LAYER,
    SMALL_RESNETS,
    is_timm,
    weights_names,
)


def test_the_architectures_are_torchvisions_that_end_in_a_linear_layer_and_our_own() -> None:
    known = set(torchvision.models.list_models(module=torchvision.models))
    assert known - set(ARCHITECTURES) == set(NO_LINEAR_LAYER)
    assert set(ARCHITECTURES) - known == set(SMALL_RESNETS)


def test_names_of_weights_are_torchvisions() -> None:
    for architecture in set(ARCHITECTURES) - set(SMALL_RESNETS):
        known = {weights.name for weights in torchvision.models.get_model_weights(architecture)}
        assert {*known, "DEFAULT"} - {"IMAGENET1K_FEATURES"} == set(weights_names(architecture))
    assert not any(map(weights_names, SMALL_RESNETS))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("timm:efficientnet_lite0", True),
        ("timm:vit_tiny_patch16_224.augreg_in21k", True),
        ("efficientnet_lite0", False),
        ("timm:hf-hub:somebody/model", False),
        ("timm:local-dir:/models", False),
        ("timm:", False),
    ],
)
def test_timms_networks_are_names_with_a_prefix_and_no_addresses(name: str, is_one: bool) -> None:
    assert is_timm(name) is is_one
    assert weights_names("timm:efficientnet_lite0") == ()
