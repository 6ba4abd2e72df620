"""The visual model: a network that classifies the seen classes (section 3.2).

Cut in two, as DeViSE needs it: the trunk gives features, the classifier is the last linear layer
before the softmax, which DeViSE puts a projection in the place of.
"""

import dataclasses
import difflib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from components.shared.device import autocast
from components.shared.images.crops import ImageView
from components.shared.networks.architectures import (
    ARCHITECTURES,
    NO_LINEAR_LAYER,
    SMALL_RESNETS,
    is_timm,
)
from components.shared.networks.small_resnet import small_resnet18
from components.shared.networks.timm_models import timm_network
from components.shared.storage.atomic import write_json

WEIGHTS_FILE = "weights.safetensors"
CONFIG_FILE = "config.json"
HISTORY_FILE = "history.json"
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
AUXILIARY_HEADS = ("googlenet", "inception_v3")


@dataclass(frozen=True)
class VisualConfig:
    """What determines the network and its input; the artifact's config.json.

    Attributes:
        architecture: One of `ARCHITECTURES`, or `timm:NAME`.
        classes: wnids in the order of the logits.
        input_size: Side of the square input, pixels.
        resize: Short side of the image that the centre crop is taken from, pixels.
        crop_scale: Smallest share of the area of a random crop in training.
        mean: Mean of each channel, of values in 0..1.
        std: Standard deviation of each channel, of values in 0..1.
        feature_dim: Features that the trunk gives; 0: `build` fills it in.
        pretrained_classes: wnids that the weights which training started from knew; empty: fresh.
        zero_shot_contaminated: Whether those weights were trained on a zero-shot class.
    """

    architecture: str
    classes: tuple[str, ...]
    input_size: int
    resize: int
    crop_scale: float = 1.0
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    feature_dim: int = 0
    pretrained_classes: tuple[str, ...] = ()
    zero_shot_contaminated: bool = False

    @property
    def view(self) -> ImageView:
        """How images become this network's input."""
        return ImageView(self.input_size, self.resize, self.crop_scale, self.mean, self.std)

    @staticmethod
    def from_json(content: dict[str, Any]) -> "VisualConfig":
        """Config out of the content of config.json."""
        names = ("classes", "mean", "std", "pretrained_classes")
        tuples = {name: tuple(content[name]) for name in names if name in content}
        return VisualConfig(**{**content, **tuples})


class VisualModel(nn.Module):
    """Trunk and classifier of a network.

    Attributes:
        trunk: Images [B, 3, S, S] to features [B, feature_dim].
        classifier: Features to logits [B, classes].
        config: What it was built from.
    """

    def __init__(self, config: VisualConfig, trunk: nn.Module, classifier: nn.Linear) -> None:
        """Put the parts together."""
        super().__init__()
        self.config, self.trunk, self.classifier = config, trunk, classifier

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, 3, S, S]."""
        logits: Tensor = self.classifier(self.trunk(images))
        return logits


def build(config: VisualConfig, weights: Mapping[str, Tensor] | None = None) -> VisualModel:
    """A network in channels-last layout.

    Args:
        config: The network.
        weights: By the names that the network itself has for them, before it is cut in two; None:
            fresh ones, drawn from torch's random numbers.

    Raises:
        ValueError: There is no such architecture, it does not end in a linear layer or ends in two
            side by side, it cannot take images of this size, or the weights do not fit it.
    """
    network = _network(config)
    if weights is not None:
        load_weights(network, weights, config)
    trunk, classifier = _without_classifier(network, config)
    filled = dataclasses.replace(config, feature_dim=classifier.in_features)
    model = VisualModel(filled, trunk, classifier)
    model.to(memory_format=torch.channels_last)
    try:
        check_input_size(model, model.config.input_size)
    except ValueError as error:
        # One that stayed answers for classes, beside the features that the other one took.
        raise (_two_heads(config.architecture) if _has_head(trunk, config) else error) from error
    return model


def _has_head(trunk: nn.Module, config: VisualConfig) -> bool:
    linear = (module for module in trunk.modules() if isinstance(module, nn.Linear))
    return any(module.out_features == len(config.classes) for module in linear)


def _network(config: VisualConfig) -> nn.Module:
    name, size = config.architecture, config.input_size
    if is_timm(name):
        return timm_network(name, len(config.classes), size)
    _check_known(name)
    if name in SMALL_RESNETS:
        return small_resnet18(len(config.classes), *SMALL_RESNETS[name])
    try:
        network: nn.Module = torchvision.models.get_model(
            name, weights=None, num_classes=len(config.classes), **_options(name, size)
        )
    except (ValueError, AssertionError) as error:
        raise _wrong_size(name, size, error) from error
    return network


def load_weights(network: nn.Module, weights: Mapping[str, Tensor], config: VisualConfig) -> None:
    """Put weights into a network that was built from `config`.

    Raises:
        ValueError: They do not fit it.
    """
    state = OrderedDict(weights)
    # The layers' versions, which torch keeps beside the tensors, but safetensors does not.
    kept = getattr(weights, "_metadata", None) or getattr(network.state_dict(), "_metadata", None)
    state._metadata = kept  # type: ignore[attr-defined]
    differ = _differences(network.state_dict(), state)
    if differ:
        raise ValueError(
            f"The weights do not fit visual_architecture {config.architecture!r} with "
            f"{len(config.classes)} classes and images of {config.input_size} pixels: {differ}; "
            "set these as the weights were trained."
        )
    network.load_state_dict(state)


def _differences(needed: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str:
    """How the names and shapes of weights differ from those of a network; empty: they do not."""
    missing = [name for name in needed if name not in given]
    unknown = [name for name in given if name not in needed]
    other = [
        f"{name} {list(given[name].shape)} in place of {list(tensor.shape)}"
        for name, tensor in needed.items()
        if name in given and given[name].shape != tensor.shape
    ]
    found = {"lack": missing, "have unknown": unknown, "have of another shape": other}
    return ", ".join(
        f"they {verb} {len(names)} tensors (first {names[0]})"
        for verb, names in found.items()
        if names
    )


def _check_known(name: str) -> None:
    if name in NO_LINEAR_LAYER:
        raise _no_linear_layer(name)
    if name not in ARCHITECTURES:
        near = difflib.get_close_matches(name, ARCHITECTURES, 3, 0.3)
        raise ValueError(
            f"visual_architecture is {name!r}, which torchvision does not have: "
            f"choose {' or '.join(near) or 'one of its classification models'}."
        )


def _no_linear_layer(name: str) -> ValueError:
    return ValueError(
        f"visual_architecture {name!r} does not end in a linear layer, which the projection takes "
        "the place of: choose another, such as resnet18."
    )


def _two_heads(name: str) -> ValueError:
    return ValueError(
        f"visual_architecture {name!r} has two heads, as a network for distillation has, and the "
        "projection takes the place of one: choose the network without distillation, such as "
        "timm:deit_tiny_patch16_224 in place of timm:deit_tiny_distilled_patch16_224."
    )


def _wrong_size(architecture: str, size: int, error: Exception) -> ValueError:
    return ValueError(
        f"visual_architecture {architecture!r} cannot take images of {size} "
        f"pixels: choose another visual_input_size (torch says: {error})."
    )


def _options(name: str, input_size: int) -> dict[str, Any]:
    """Arguments that some networks need: no auxiliary heads, the size of their input."""
    if name in AUXILIARY_HEADS:
        return {"aux_logits": False, "init_weights": True}
    if name.startswith("vit_"):
        return {"image_size": input_size}
    if name.startswith("maxvit"):
        return {"input_size": (input_size, input_size)}
    return {}


def _without_classifier(network: nn.Module, config: VisualConfig) -> tuple[nn.Module, nn.Linear]:
    """The network with its last linear layer replaced by the identity, and that layer."""
    layers = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    last = network.get_submodule(layers[-1]) if layers else None
    if not isinstance(last, nn.Linear) or last.out_features != len(config.classes):
        raise _no_linear_layer(config.architecture)
    parent, _, child = layers[-1].rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())
    return network, last


def check_input_size(model: VisualModel, size: int) -> None:
    """Try the network on an image of a size.

    Args:
        model: The network.
        size: Side of the image, pixels.

    Raises:
        ValueError: The network cannot take it.
    """
    training = model.training
    device = next(model.parameters()).device
    try:
        with torch.inference_mode():
            model.eval()(torch.zeros(1, 3, size, size, device=device))
    except (RuntimeError, ValueError, AssertionError) as error:
        raise _wrong_size(model.config.architecture, size, error) from error
    model.train(training)


def features_of(model: VisualModel, precision: str) -> Callable[[Tensor], Tensor]:
    """Return what maps images [B, 3, S, S] to the trunk's features, float32 [B, feature_dim]."""

    def features(images: Tensor) -> Tensor:
        with autocast(images.device, precision):
            found: Tensor = model.trunk(images)
        return found.float()

    return features


def save(model: VisualModel, folder: Path, history: Sequence[dict[str, Any]]) -> None:
    """Write weights.safetensors, config.json and history.json into a folder.

    Args:
        model: The network.
        folder: Made if absent.
        history: A dictionary per epoch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / WEIGHTS_FILE)
    config = dataclasses.asdict(model.config)
    write_json(folder / CONFIG_FILE, config)
    write_json(folder / HISTORY_FILE, list(history))


def read_config(folder: Path) -> VisualConfig:
    """Read what a visual model is, without its weights.

    Raises:
        ValueError: A file of it is missing.
    """
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name} is missing: give the output of pretrain_visual.")
    return VisualConfig.from_json(json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8")))


def load(folder: Path, device: torch.device) -> VisualModel:
    """Read a visual model, in evaluation mode, onto a device.

    Raises:
        ValueError: A file is missing, or the weights do not fit the architecture.
    """
    model = build(read_config(folder))
    try:
        load_weights(model, load_file(folder / WEIGHTS_FILE), model.config)
    except ValueError as error:
        raise ValueError(f"{folder / WEIGHTS_FILE} does not fit {CONFIG_FILE}: {error}") from error
    return model.to(device).eval()
