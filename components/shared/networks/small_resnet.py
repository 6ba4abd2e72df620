"""`small_resnet18`: the project's own network for small images (64 pixels) on a CPU.

ResNet-18 (He et al. 2016) with a 3x3 stem of stride 2 and no max-pooling, which keeps twice the
resolution in every stage; half the width (32 to 256 channels) pays for it. Shortcuts that change
shape average before they project, so that no activation is dropped (He et al. 2019, ResNet-D).
`small_resnet18_w48` and `_w64` are wider, `_s1` has a stem of stride 1.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import relu

STAGES = 4
BLOCKS_OF_A_STAGE = 2


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut: [B, inputs, S, S] to [B, outputs, S/stride, S/stride].

    Attributes:
        residual: The convolutions.
        shortcut: The identity where the shape stays, else average pool, 1x1 convolution, norm.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        """Put the layers together."""
        super().__init__()
        self.residual = nn.Sequential(
            *_convolution(inputs, outputs, stride),
            nn.ReLU(inplace=True),
            *_convolution(outputs, outputs, 1),
        )
        self.shortcut = _shortcut(inputs, outputs, stride)

    def forward(self, images: Tensor) -> Tensor:
        """Features [B, outputs, S/stride, S/stride], rounded up."""
        return relu(self.residual(images) + self.shortcut(images))


def small_resnet18(num_classes: int, width: int = 32, stem_stride: int = 2) -> nn.Sequential:
    """The network, with fresh weights: images [B, 3, S, S] to logits [B, num_classes].

    Its last layer is one linear layer on 8 * width features.

    Args:
        num_classes: Classes of the logits.
        width: Channels of the stem and the first stage; each stage has twice those of the last.
        stem_stride: Of the first convolution.
    """
    widths = [width * 2**number for number in range(STAGES)]
    network = nn.Sequential(
        OrderedDict(
            stem=nn.Sequential(*_convolution(3, width, stem_stride), nn.ReLU(inplace=True)),
            stages=_stages(widths),
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            classifier=nn.Linear(widths[-1], num_classes),
        )
    )
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def _stages(widths: Sequence[int]) -> nn.Sequential:
    blocks, inputs = [], widths[0]
    for number, outputs in enumerate(widths):
        for block in range(BLOCKS_OF_A_STAGE):
            stride = 2 if number > 0 and block == 0 else 1
            blocks.append(BasicBlock(inputs, outputs, stride))
            inputs = outputs
    return nn.Sequential(*blocks)


def _convolution(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(outputs)


def _shortcut(inputs: int, outputs: int, stride: int) -> nn.Module:
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    pool = nn.AvgPool2d(2, ceil_mode=True) if stride == 2 else nn.Identity()
    project = nn.Conv2d(inputs, outputs, 1, bias=False)
    return nn.Sequential(pool, project, nn.BatchNorm2d(outputs))
