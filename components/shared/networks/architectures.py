"""Names of the networks that classify images, known without loading torch.

They are torchvision's, without those that do not end in a linear layer (squeezenet), and the
project's own `small_resnet18`, of several widths. `timm:NAME` is one of the package timm, which
has too many to be listed here and may be away.
"""

import re

TIMM = "timm:"
TIMM_NAME = rf"{TIMM}[a-z0-9_]+(\.[a-z0-9_]+)?"
"""A network of timm's, with or without the tag of its weights; no address that timm would open."""

SMALL_RESNET = "small_resnet18"
# fmt: off
SMALL_RESNETS = {
    SMALL_RESNET: (32, 2), "small_resnet18_w48": (48, 2), "small_resnet18_w64": (64, 2),
    "small_resnet18_s1": (32, 1),
}
# fmt: on
"""Width and stride of the stem of each of the project's own networks, by name."""
NO_LINEAR_LAYER = ("squeezenet1_0", "squeezenet1_1")

# fmt: off
ARCHITECTURES = (
    "alexnet", "convnext_base", "convnext_large", "convnext_small", "convnext_tiny",
    "densenet121", "densenet161", "densenet169", "densenet201", "efficientnet_b0",
    "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4", "efficientnet_b5",
    "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_l", "efficientnet_v2_m",
    "efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5", "mnasnet0_75",
    "mnasnet1_0", "mnasnet1_3", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small",
    "regnet_x_16gf", "regnet_x_1_6gf", "regnet_x_32gf", "regnet_x_3_2gf", "regnet_x_400mf",
    "regnet_x_800mf", "regnet_x_8gf", "regnet_y_128gf", "regnet_y_16gf", "regnet_y_1_6gf",
    "regnet_y_32gf", "regnet_y_3_2gf", "regnet_y_400mf", "regnet_y_800mf", "regnet_y_8gf",
    "resnet101", "resnet152", "resnet18", "resnet34", "resnet50", "resnext101_32x8d",
    "resnext101_64x4d", "resnext50_32x4d", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5", "shufflenet_v2_x2_0", *SMALL_RESNETS, "swin_b",
    "swin_s", "swin_t", "swin_v2_b", "swin_v2_s", "swin_v2_t", "vgg11", "vgg11_bn", "vgg13",
    "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "vit_b_16", "vit_b_32", "vit_h_14",
    "vit_l_16", "vit_l_32", "wide_resnet101_2", "wide_resnet50_2",
)
WITH_V2_WEIGHTS = (
    "efficientnet_b1", "mobilenet_v2", "mobilenet_v3_large", "regnet_x_16gf", "regnet_x_1_6gf",
    "regnet_x_32gf", "regnet_x_3_2gf", "regnet_x_400mf", "regnet_x_800mf", "regnet_x_8gf",
    "regnet_y_16gf", "regnet_y_1_6gf", "regnet_y_32gf", "regnet_y_3_2gf", "regnet_y_400mf",
    "regnet_y_800mf", "regnet_y_8gf", "resnet101", "resnet152", "resnet50", "resnext101_32x8d",
    "resnext50_32x4d", "wide_resnet101_2", "wide_resnet50_2",
)
WITH_SWAG_WEIGHTS = (
    "regnet_y_128gf", "regnet_y_16gf", "regnet_y_32gf", "vit_b_16", "vit_h_14", "vit_l_16",
)
WITHOUT_V1_WEIGHTS = ("regnet_y_128gf", "vit_h_14", *SMALL_RESNETS)
# fmt: on


def is_timm(architecture: str) -> bool:
    """Whether it names a network of timm's, known there or not."""
    return re.fullmatch(TIMM_NAME, architecture) is not None


def weights_names(architecture: str) -> tuple[str, ...]:
    """Names of torchvision's weights that classify ImageNet's 1000 classes; empty: none."""
    if is_timm(architecture):
        return ()
    names = {
        "IMAGENET1K_V1": architecture not in WITHOUT_V1_WEIGHTS,
        "IMAGENET1K_V2": architecture in WITH_V2_WEIGHTS,
        "IMAGENET1K_SWAG_E2E_V1": architecture in WITH_SWAG_WEIGHTS,
        "IMAGENET1K_SWAG_LINEAR_V1": architecture in WITH_SWAG_WEIGHTS,
    }
    found = tuple(name for name, there in names.items() if there)
    return ("DEFAULT", *found) if found else ()
