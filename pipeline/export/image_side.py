"""The image side of a model as ONNX: normalised images to unit points of the label space."""

import dataclasses
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from components.shared.networks.devise_model import DeviseModel, read_devise_model

INPUT, OUTPUT, BATCH = "images", "points", "batch"
OPSET = 18


class Embedding(nn.Module):
    """What is exported: `DeviseModel.embed`, which ranking goes by."""

    def __init__(self, model: DeviseModel) -> None:
        """Take a model that computes in float32."""
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, 3, S, S] to unit-norm points [B, dim]."""
        return self.model.embed(images)


def write_onnx(model_folder: Path, file: Path) -> None:
    """Write the image side of a model: float32 [batch, 3, S, S] in, [batch, dim] out, any batch.

    Args:
        model_folder: Of a DeViSE model.
        file: One file, weights and all.
    """
    model = read_devise_model(model_folder)
    # bfloat16 is how it was trained on a GPU; other runtimes have float32.
    model.config = dataclasses.replace(model.config, precision="fp32")
    size = model.config.visual.input_size
    with warnings.catch_warnings():
        # The exporter's own: deprecations inside it, and of axes that it merges.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            Embedding(model).eval(),
            (torch.zeros(2, 3, size, size),),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={INPUT: {0: torch.export.Dim(BATCH)}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None, "the exporter gives a program where it is given no file"
    program.save(file)
