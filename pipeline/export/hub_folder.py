"""Writes the folder: weights, config, label vectors, preprocessing, model card, ONNX if wanted."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.shared.model_description import Figure
from components.shared.networks.devise_model import read_config
from components.shared.networks.visual_model import VisualConfig
from components.shared.storage.atomic import write_json
from pipeline.export.model_card import model_card

ONNX_FILE = "image_side.onnx"
COPIED = ("model.safetensors", "config.json", "label_space")
BILINEAR = 2
"""PIL's number, by which the hub names ways to resample."""


def export(
    model: Path, to: Path, name: str, license_: str, figures: Sequence[Figure], onnx: bool
) -> None:
    """Write a model in the form that the Hugging Face hub takes; `predict` takes it too.

    Args:
        model: Folder of a DeViSE model.
        to: A new folder, or an empty one.
        name: Of the model.
        license_: As the hub names licenses.
        figures: What was measured.
        onnx: Whether to write the image side as ONNX.

    Raises:
        ValueError: `to` holds something, or `model` is no DeViSE model.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ValueError(f"--to {str(to)!r} holds something: name a new folder, or an empty one.")
    config = read_config(model)
    to.mkdir(parents=True, exist_ok=True)
    for part in COPIED:
        copy = shutil.copytree if (model / part).is_dir() else shutil.copyfile
        copy(model / part, to / part)
    write_json(to / "preprocessor_config.json", preprocessing(config.visual))
    if onnx:
        from pipeline.export.image_side import write_onnx

        write_onnx(model, to / ONNX_FILE)
    card = model_card(model, name, license_, figures, onnx)
    (to / "README.md").write_text(card, encoding="utf-8")


def preprocessing(visual: VisualConfig) -> dict[str, Any]:
    """Say, in the words of the hub's image processors, how an image becomes the input."""
    side = {"height": visual.input_size, "width": visual.input_size}
    return {
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"shortest_edge": visual.resize},
        "resample": BILINEAR,
        "do_center_crop": True,
        "crop_size": side,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(visual.mean),
        "image_std": list(visual.std),
    }
