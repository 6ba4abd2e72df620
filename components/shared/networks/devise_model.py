"""The DeViSE model: the visual model without its softmax, and one linear map to the label space.

Paper, section 3.3: the top representation v of the core visual model is mapped by a matrix M to
the dimension of the word vectors. The folder of a model holds all that prediction needs.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from components.shared.device import autocast
from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualConfig
from components.shared.storage.atomic import write_json

MODEL_FILE, PHASE_1_FILE = "model.safetensors", "phase_1.safetensors"


@dataclass(frozen=True)
class DeviseModelConfig:
    """What a DeViSE model is, without its weights.

    Attributes:
        visual: The visual model whose trunk it took over.
        model_name: `devise` (skip-gram vectors) or `random`.
        dim: Dimension of the label space.
        bias: Whether the projection adds a bias.
        normalise_projection: Whether M v was scaled to unit norm in training.
        precision: `auto`, `bf16` or `fp32`, of the trunk; the projection is always fp32.
    """

    visual: VisualConfig
    model_name: str
    dim: int
    bias: bool
    normalise_projection: bool
    precision: str


class DeviseModel(nn.Module):
    """Images to points of the label space."""

    def __init__(self, trunk: nn.Module, config: DeviseModelConfig) -> None:
        """Put a new projection on `trunk` ([B, 3, S, S] -> [B, feature_dim])."""
        super().__init__()
        self.config = config
        self.trunk = trunk
        self.projection = nn.Linear(config.visual.feature_dim, config.dim, bias=config.bias)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Images [B, 3, S, S] to the trunk's features v, float32 [B, feature_dim]."""
        with autocast(images.device, self.config.precision):
            features: torch.Tensor = self.trunk(images)
        return features.float()

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Features [B, feature_dim] to M v, float32 [B, dim], as the loss sees it."""
        with torch.autocast(features.device.type, enabled=False):
            points: torch.Tensor = self.projection(features.float())
        if self.config.normalise_projection:
            return nn.functional.normalize(points, dim=1)
        return points

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images [B, 3, S, S] to M v, float32 [B, dim], as the loss sees it."""
        return self.project(self.features(images))

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Images [B, 3, S, S] to unit-norm points, float32 [B, dim], for ranking by cosine."""
        return nn.functional.normalize(self(images), dim=1)


def save_devise_model(
    model: DeviseModel,
    label_space: Path,
    folder: Path,
    history: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
    phase_1: Mapping[str, torch.Tensor],
) -> None:
    """Write weights, config.json (with `facts` under `training`), history and the label space.

    Args:
        model: After both phases.
        label_space: Copied into the folder.
        folder: Made if absent.
        history: A row an epoch.
        facts: Figures of the training.
        phase_1: Weights of the projection as phase 1 left them, for the trunk as pretrained.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_contiguous(model.state_dict()), folder / MODEL_FILE)
    projection = {f"projection.{name}": tensor for name, tensor in phase_1.items()}
    save_file(_contiguous(projection), folder / PHASE_1_FILE)
    write_json(folder / "config.json", {**asdict(model.config), "training": dict(facts)})
    write_json(folder / "history.json", list(history))
    shutil.copytree(label_space, folder / "label_space", dirs_exist_ok=True)


def _contiguous(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}


def read_devise_model(folder: Path, device: torch.device | str = "cpu") -> DeviseModel:
    """Read a model on `device`, in evaluation mode; its label space is `folder`/label_space.

    Raises:
        ValueError: The folder holds no DeViSE model.
    """
    config = read_config(folder)
    model = DeviseModel(visual_model.build(config.visual).trunk, config)
    visual_model.load_weights(model, load_file(folder / MODEL_FILE), model.config.visual)
    return model.to(device).eval()


def read_config(folder: Path) -> DeviseModelConfig:
    """Read what a model is, without its weights.

    Raises:
        ValueError: The folder holds no DeViSE model.
    """
    for name in ("config.json", MODEL_FILE):
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is no DeViSE model: {name} is missing.")
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    facts.pop("training")
    return DeviseModelConfig(visual=VisualConfig.from_json(facts.pop("visual")), **facts)


def stayed_as_phase_1(folder: Path) -> bool:
    """Return whether a model is the projection of phase 1 on the trunk as pretrained."""
    training = json.loads((folder / "config.json").read_text(encoding="utf-8"))["training"]
    return training.get("best_phase") == 1 and (folder / PHASE_1_FILE).is_file()


def read_phase_1(folder: Path, device: torch.device | str = "cpu") -> nn.Linear | None:
    """Read the projection that phase 1 left, for the features of the trunk as pretrained.

    Returns:
        [B, feature_dim] to [B, dim], in evaluation mode; None where it was not kept.
    """
    if not (folder / PHASE_1_FILE).is_file():
        return None
    tensors = load_file(folder / PHASE_1_FILE)
    dim, feature_dim = tensors["projection.weight"].shape
    projection = nn.Linear(feature_dim, dim, bias="projection.bias" in tensors)
    projection.load_state_dict(
        {name.removeprefix("projection."): tensor for name, tensor in tensors.items()}
    )
    return projection.to(device).eval()
