import pytest
import torch
from torch import nn

from components.shared.networks.small_resnet import BasicBlock, small_resnet18
from components.shared.networks.visual_model import VisualConfig, build


def test_it_has_resnet_18s_layers_at_half_the_width() -> None:
    convolutions = [m for m in small_resnet18(7).modules() if isinstance(m, nn.Conv2d)]
    assert [m.out_channels for m in convolutions if m.kernel_size == (3, 3)] == [
        *([32] * 5),
        *([64] * 4),
        *([128] * 4),
        *([256] * 4),
    ]
    assert [m.in_channels for m in convolutions if m.kernel_size == (1, 1)] == [32, 64, 128]
    assert all(m.bias is None for m in convolutions)


def test_its_resolution_is_halved_by_the_stem_and_by_three_stages() -> None:
    network = small_resnet18(7)
    stem, stages = network.get_submodule("stem"), network.get_submodule("stages")
    images = torch.zeros(2, 3, 64, 64)
    assert stem(images).shape == (2, 32, 32, 32)
    assert stages(stem(images)).shape == (2, 256, 4, 4)


def test_a_block_of_another_shape_averages_then_projects_its_input() -> None:
    torch.manual_seed(0)
    block = BasicBlock(2, 3, 2).eval()
    nn.init.zeros_(block.get_parameter("residual.4.weight"))
    images = torch.randn(1, 2, 4, 4)
    weight = block.get_parameter("shortcut.1.weight")[:, :, 0, 0]
    means = images.reshape(1, 2, 2, 2, 2, 2).mean(dim=(3, 5))
    expected = torch.einsum("oi,bihw->bohw", weight, means).clamp_min(0)
    with torch.no_grad():
        assert torch.allclose(block(images), expected, atol=1e-4)


def test_a_block_of_the_same_shape_keeps_its_input() -> None:
    block = BasicBlock(2, 2, 1).eval()
    nn.init.zeros_(block.get_parameter("residual.4.weight"))
    images = torch.rand(1, 2, 5, 5)
    with torch.no_grad():
        assert torch.equal(block(images), images)


def test_convolutions_are_drawn_as_kaiming_says() -> None:
    torch.manual_seed(0)
    weight = small_resnet18(7).get_parameter("stages.7.residual.0.weight")
    assert weight.std().item() == pytest.approx((2 / (256 * 9)) ** 0.5, rel=0.02)


@pytest.mark.parametrize(
    ("name", "features", "side"),
    [("small_resnet18_w48", 384, 4), ("small_resnet18_w64", 512, 4), ("small_resnet18_s1", 256, 8)],
)
def test_its_width_and_its_stem_are_said_by_its_name(name: str, features: int, side: int) -> None:
    model = build(VisualConfig(name, ("n1", "n2"), 64, 64))
    stages = model.trunk.get_submodule("stages")
    found = stages(model.trunk.get_submodule("stem")(torch.zeros(2, 3, 64, 64)))
    assert found.shape == (2, features, side, side)
    assert model.config.feature_dim == features


@pytest.mark.parametrize("size", [16, 33, 64])
def test_it_is_built_by_its_name(size: int) -> None:
    model = build(VisualConfig("small_resnet18", ("n1", "n2", "n3"), size, size))
    assert model.config.feature_dim == 256
    assert model(torch.randn(2, 3, size, size)).shape == (2, 3)
    assert sum(p.numel() for p in model.trunk.parameters()) == 2_795_040
