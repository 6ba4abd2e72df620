"""Weights made elsewhere, as a visual model with all the outputs they have.

Torchvision's weights by name bring the size and the normalisation of their input; a visual model
of pretrain_visual brings all its configuration. Checkpoints (safetensors, or a state dict that
torch saved) have only tensors, by the names of torchvision's network of `visual_architecture`: size
and crops are the run's parameters, the normalisation is ImageNet's, or what timm says of the
published weights of a network of its own.
"""

import dataclasses
import re
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from components.shared.execution.progress import say
from components.shared.networks.architectures import is_timm
from components.shared.networks.pretrained import (
    check_architecture,
    check_weights_name,
    is_visual_model,
    is_weights_name,
    outputs_of,
    read_model_config,
    trained_on,
)
from components.shared.networks.timm_models import timm_normalisation
from components.shared.networks.visual_model import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    VisualConfig,
    VisualModel,
    build,
    load,
    load_weights,
)
from components.shared.settings.visual import VisualSettings
from components.shared.storage import store

NESTED = ("state_dict", "model_state_dict", "model")
WRAPPERS = ("module.", "_orig_mod.", "model.")
"""What DataParallel, torch.compile and Lightning put before each name."""
MOST_RATIO = 100
"""How many times its size a checkpoint may unpack to: torch packs nothing."""
AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
BROKEN = (
    *(SafetensorError, UnpicklingError, zipfile.BadZipFile, NotImplementedError),
    *(RuntimeError, EOFError, OSError, ValueError, LookupError, AttributeError, TypeError),
)
"""What torch and safetensors raise where a file is broken."""
# These take ImageNet's normalisation and turn it into the one they were trained with (values from
# -1 to 1) by a setting of the code that no checkpoint has.
HALVES = (0.5, 0.5, 0.5)
NORMALISE_THEMSELVES = ("googlenet", "inception_v3")
# As torchvision renames the layers of its own old DenseNet files.
OLD_DENSENET_NAME = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.\w+)$")


@dataclass(frozen=True)
class Pretrained:
    """A pretrained network.

    Attributes:
        model: With all outputs; its `classes` are their wnids.
        trained_on: wnids that it has ever been trained on.
    """

    model: VisualModel
    trained_on: frozenset[str]


def read_pretrained(config: VisualSettings) -> Pretrained:
    """Read what `visual_pretrained` names.

    Raises:
        ValueError: There are no such weights, they do not fit the architecture or the list of
            their classes, or they cannot be downloaded.
    """
    if is_visual_model(config.pretrained):
        return _visual_model(config)
    outputs = outputs_of(config.pretrained, config.pretrained_classes_uri)
    visual = VisualConfig(
        config.architecture, outputs, config.input_size, config.resize, config.crop_scale
    )
    if is_weights_name(config.pretrained):
        model = _torchvision(config.pretrained, visual)
    else:
        model = _checkpoint(config.pretrained, _normalised_as_timm(visual))
    return Pretrained(model.eval(), frozenset(outputs))


def _normalised_as_timm(config: VisualConfig) -> VisualConfig:
    """With the colours that timm's weights were trained with, where the network is timm's."""
    found = timm_normalisation(config.architecture) if is_timm(config.architecture) else None
    return dataclasses.replace(config, mean=found[0], std=found[1]) if found else config


def _visual_model(config: VisualSettings) -> Pretrained:
    content = read_model_config(config.pretrained)
    check_architecture(content, config.pretrained, config.architecture)
    with tempfile.TemporaryDirectory() as folder:
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            store.download(store.join(config.pretrained, name), Path(folder) / name)
        model = load(Path(folder), torch.device("cpu"))
    _say_differences(config.pretrained, model.config, config.input_size, config.resize)
    return Pretrained(model, frozenset(trained_on(content)))


def _torchvision(name: str, config: VisualConfig) -> VisualModel:
    check_weights_name(name, config.architecture)
    weights = torchvision.models.get_model_weights(config.architecture)[name]
    view = weights.transforms()
    own = NORMALISE_THEMSELVES
    mean, std = (view.mean, view.std) if config.architecture not in own else (HALVES, HALVES)
    fitted = dataclasses.replace(
        config,
        input_size=view.crop_size[0],
        resize=view.resize_size[0],
        mean=tuple(mean),
        std=tuple(std),
    )
    _say_differences(name, fitted, config.input_size, config.resize)
    return build(fitted, _cleaned(_downloaded(weights), fitted.architecture))


def _say_differences(name: str, config: VisualConfig, input_size: int, resize: int) -> None:
    if (config.input_size, config.resize) != (input_size, resize):
        say(
            f"{name}: images are {config.input_size} pixels out of {config.resize}, as the weights "
            f"were made for (visual_input_size {input_size} and visual_resize {resize} are not "
            "used)"
        )


def _downloaded(weights: Any) -> Mapping[str, Tensor]:
    """The file in torch's cache (TORCH_HOME), downloaded where it is not there yet."""
    try:
        state: Mapping[str, Tensor] = weights.get_state_dict(
            progress=False, check_hash=True, map_location="cpu", weights_only=True
        )
    except (OSError, RuntimeError, UnpicklingError) as error:
        cache = Path(torch.hub.get_dir()) / "checkpoints"
        raise ValueError(
            f"{weights.url} cannot be downloaded or read ({error}): give a machine with a network, "
            f"or put the file into {cache} (TORCH_HOME moves it)."
        ) from error
    return state


def _checkpoint(uri: str, config: VisualConfig) -> VisualModel:
    with store.local_copy(uri) as file:
        state = _cleaned(_read(file, uri), config.architecture)
    _check_finite(state, uri)
    try:
        if not all(name.startswith(("trunk.", "classifier.")) for name in state):
            return build(config, state)
        model = build(config)
        load_weights(model, state, model.config)
    except ValueError as error:
        raise ValueError(f"visual_pretrained: {uri}: {error}") from error
    return model


def _check_finite(state: Mapping[str, Tensor], uri: str) -> None:
    for name, tensor in state.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise ValueError(
                f"visual_pretrained: {uri} has numbers that are not finite, in {name!r} first: "
                "give a checkpoint from before its training went wrong."
            )


def _read(file: Path, uri: str) -> Mapping[str, Any]:
    """Tensors by name; nothing but tensors is ever unpickled."""
    if not file.is_file():
        raise ValueError(
            f"visual_pretrained: {uri} is no file, and no folder with a {CONFIG_FILE}: give a "
            "checkpoint or the output of pretrain_visual."
        )
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        _check_ratio(file)
        content = torch.load(file, map_location="cpu", weights_only=True)
    except BROKEN as error:
        reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
        raise ValueError(
            f"visual_pretrained: {uri} is no safetensors file and no state dict of tensors; save "
            f"one with torch.save(model.state_dict(), file) ({reason})."
        ) from error
    return _unnested(content, uri)


def _check_ratio(file: Path) -> None:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size > MOST_RATIO * file.stat().st_size:
            raise zipfile.BadZipFile(f"it unpacks to {size:,} bytes")


def _unnested(content: Any, uri: str) -> Mapping[str, Any]:
    """The state dict of a training checkpoint, which keeps it beside other things."""
    if isinstance(content, Mapping):
        content = next((content[name] for name in NESTED if name in content), content)
    if not isinstance(content, Mapping) or not all(map(_is_entry, content.items())) or not content:
        raise ValueError(
            f"visual_pretrained: {uri} holds no state dict, alone or as {' or '.join(NESTED)}: "
            "save one with torch.save(model.state_dict(), file)."
        )
    return content


def _is_entry(entry: tuple[Any, Any]) -> bool:
    name, value = entry
    plain = isinstance(value, Tensor) and value.layout == torch.strided and not value.is_quantized
    return isinstance(name, str) and plain


def _cleaned(state: Mapping[str, Tensor], architecture: str) -> OrderedDict[str, Tensor]:
    """Without the prefixes of what a network was wrapped in, auxiliary heads and old names."""
    cleaned = OrderedDict(
        (_renamed(_unwrapped(name), architecture), tensor)
        for name, tensor in state.items()
        if not _unwrapped(name).startswith(AUXILIARY)
    )
    if not any(name.startswith(WRAPPERS) for name in state):
        # Versions of layers that torch keeps beside the tensors, by layers' names.
        cleaned._metadata = getattr(state, "_metadata", None)  # type: ignore[attr-defined]
    return cleaned


def _unwrapped(name: str) -> str:
    while name.startswith(WRAPPERS):
        name = name.partition(".")[2]
    return name


def _renamed(name: str, architecture: str) -> str:
    return OLD_DENSENET_NAME.sub(r"\1\2", name) if architecture.startswith("densenet") else name
