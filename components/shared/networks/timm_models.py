"""Networks of the package timm, an extra of the project: `timm:NAME` in visual_architecture.

Of timm a network's shape is taken, and the normalisation that its published weights were trained
with. Weights come from an address alone (`visual_pretrained`): timm is asked for none, so that
nothing is downloaded from where nobody named.
"""

import difflib
from importlib.util import find_spec
from typing import Any

from torch import nn

from components.shared.networks.architectures import TIMM

Colours = tuple[float, float, float]
"""A number for each channel, red, green, blue."""


def timm_network(architecture: str, classes: int, input_size: int) -> nn.Module:
    """Make a network with fresh weights.

    Args:
        architecture: `timm:NAME`.
        classes: How many outputs it has.
        input_size: Side of its input, pixels.

    Raises:
        ValueError: timm is not installed, or has no such network.
    """
    published = _published(architecture)
    import timm

    # Those alone that are made for one size know this argument.
    fixed = published and published.fixed_input_size
    size: dict[str, Any] = {"img_size": input_size} if fixed else {}
    name = architecture.removeprefix(TIMM)
    made: nn.Module = timm.create_model(name, pretrained=False, num_classes=classes, **size)
    return made


def timm_normalisation(architecture: str) -> tuple[Colours, Colours] | None:
    """Return mean and standard deviation of each channel that timm's weights were trained with.

    Args:
        architecture: `timm:NAME`, of the weights that timm has by default, or `timm:NAME.TAG`.

    Returns:
        None where timm has no weights of it.

    Raises:
        ValueError: timm is not installed, or has no such network.
    """
    published = _published(architecture)
    return (tuple(published.mean), tuple(published.std)) if published else None


def check_timm(architecture: str) -> None:
    """Check that timm is there and has a network.

    Args:
        architecture: `timm:NAME`.

    Raises:
        ValueError: timm is not installed, or has no such network; the nearest names are given.
    """
    _published(architecture)


def _published(architecture: str) -> Any:
    """What timm says of the weights of a network; None where it has none."""
    if find_spec("timm") is None:
        raise ValueError(
            f"visual_architecture is {architecture!r}, and the package timm is not installed: "
            "pip install -e '.[timm]' (or make install)."
        )
    import timm
    from timm.models import get_pretrained_cfg

    name, _, tag = architecture.removeprefix(TIMM).partition(".")
    if not timm.is_model(name):
        raise _unknown(architecture, difflib.get_close_matches(name, timm.list_models(), 3, 0.3))
    try:
        return get_pretrained_cfg(name + f".{tag}" * bool(tag))
    except RuntimeError as error:
        tags = [one.partition(".")[2] for one in timm.list_pretrained(f"{name}.*")]
        raise _unknown(architecture, [f"{name}.{one}" for one in tags]) from error


def _unknown(architecture: str, near: list[str]) -> ValueError:
    choose = " or ".join(TIMM + name for name in near) or "one of timm.list_models()"
    return ValueError(
        f"visual_architecture is {architecture!r}, which timm does not have: choose {choose}."
    )
