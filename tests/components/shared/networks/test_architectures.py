import torchvision

from components.shared.networks.architectures import (
    ARCHITECTURES,
    NO_LINEAR_LAYER,
    SMALL_RESNETS,
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
