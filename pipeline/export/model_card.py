"""The model card: what is known of a model, under the front matter that the hub reads."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from components.shared.model_description import WORDS, Figure, describe

TASK = "zero-shot-image-classification"
ONNX = (
    "`image_side.onnx` maps a batch of normalised images, float32 [batch, 3, S, S], to unit "
    "points [batch, dim]; `preprocessor_config.json` says how an image becomes its input. The "
    "cosine with the rows of `label_space/vectors.safetensors` ranks the terms of "
    "`label_space/terms.parquet`.\n"
)


def model_card(
    model: Path, name: str, license_: str, figures: Sequence[Figure], has_onnx: bool
) -> str:
    """Return README.md, with the front matter that the hub reads.

    Args:
        model: Folder of a DeViSE model.
        name: What the model shall be called.
        license_: As the hub names licenses.
        figures: What was measured on test images.
        has_onnx: Whether the folder holds the image side as ONNX.
    """
    front = yaml.safe_dump(_front(name, license_, figures), sort_keys=False, allow_unicode=True)
    text = describe(model, name, figures, ONNX if has_onnx else "")
    return f"---\n{front}---\n\n{text}"


def _front(name: str, license_: str, figures: Sequence[Figure]) -> dict[str, Any]:
    front: dict[str, Any] = {
        "license": license_,
        "pipeline_tag": TASK,
        "library_name": "devise-on-kubeflow",
        "tags": ["devise", "zero-shot", "image-embedding", "word2vec"],
    }
    if figures:
        groups = itertools.groupby(figures, lambda found: found.candidates)
        results = [_result(candidates, list(found)) for candidates, found in groups]
        front["model-index"] = [{"name": name, "results": results}]
    return front


def _result(candidates: str, figures: Sequence[Figure]) -> dict[str, Any]:
    metrics = [
        {"type": found.metric, "name": WORDS[found.metric], "value": round(found.value, 4)}
        for found in figures
    ]
    return {
        "task": {"type": TASK},
        "dataset": {"type": "imagefolder", "name": f"test images: {WORDS[candidates]}"},
        "metrics": metrics,
    }
