"""The model card: what the model is, what it is for, how good it is, where its limits are."""

import itertools
from collections.abc import Sequence
from typing import Any

import yaml

from components.shared.networks.devise_model import DeviseModelConfig
from pipeline.export.figures import Figure

PAPER = "https://papers.nips.cc/paper/5204-devise-a-deep-visual-semantic-embedding-model"
TASK = "zero-shot-image-classification"
WORDS = {
    "flat_hit_at_1": "hit@1",
    "flat_hit_at_5": "hit@5",
    "hierarchical_precision_at_5": "hierarchical precision@5",
    "seen": "the labels trained on, among themselves",
    "unseen": "labels never trained on, among themselves",
    "unseen_plus_seen": "labels never trained on, among all labels",
}


def model_card(
    name: str,
    license_: str,
    config: DeviseModelConfig,
    counts: tuple[int, int, int],
    figures: Sequence[Figure],
    has_onnx: bool,
) -> str:
    """Return README.md, with the front matter that the hub reads.

    Args:
        name: What the model shall be called.
        license_: As the hub names licenses.
        config: Of the model.
        counts: Labels trained on, other labels, words.
        figures: What was measured on test images.
        has_onnx: Whether the folder holds the image side as ONNX.
    """
    front = yaml.safe_dump(_front(name, license_, figures), sort_keys=False, allow_unicode=True)
    parts = [_what(name, config, counts), _use(has_onnx), _results(figures), _limits()]
    return f"---\n{front}---\n\n" + "\n".join(parts)


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


def _what(name: str, config: DeviseModelConfig, counts: tuple[int, int, int]) -> str:
    seen, unseen, words = counts
    return f"""# {name}

A [DeViSE]({PAPER}) model (Frome et al., NIPS 2013): a photo becomes a point among the vectors of
words, and the nearest names are its labels, also names that no training image had.

| | |
|---|---|
| network | {config.visual.architecture}, images of {config.visual.input_size} pixels |
| space | {config.dim} dimensions, vectors of skip-gram |
| labels | {seen:,} trained on, {unseen:,} others |
| words that a label may be made of | {words:,} |
"""


def _use(has_onnx: bool) -> str:
    onnx = (
        "`image_side.onnx` maps a batch of normalised images, float32 [batch, 3, S, S], to unit "
        "points [batch, dim]; `preprocessor_config.json` says how an image becomes its input. The "
        "cosine with the rows of `label_space/vectors.safetensors` ranks the terms of "
        "`label_space/terms.parquet`.\n"
        if has_onnx
        else ""
    )
    return f"""## Use

To name photos with words, in research and teaching. With the code of DeViSE on Kubeflow:

```python
from pipeline.model import load_model

model = load_model("FOLDER")
model.rank(["photo.jpg"], labels=["tiger shark", "crane"])
```

`python pipeline.py predict photo.jpg --model FOLDER` and `demo --model FOLDER` do the same.
{onnx}"""


def _results(figures: Sequence[Figure]) -> str:
    if not figures:
        return "## Results\n\nNone came with the model.\n"
    rows = [
        f"| {WORDS[figure.candidates]} | {WORDS[figure.metric]} | {figure.value:.1%} |"
        for figure in figures
    ]
    return "\n".join(
        ["## Results", "", "On test images, which took part in no choice.", "",
         "| labels | figure | |", "|---|---|---|", *rows, ""]
    )  # fmt: skip


def _limits() -> str:
    return """## Limits

* Among all labels an image is mostly given one that was trained on: names never trained on are
  told apart well only among themselves.
* It knows what its text and images knew. A word that is missing from the text, or has several
  meanings there, has no vector, or one for all of them. What is wrong or unfair in either comes
  through.
* A cosine is no probability, and the list always has a first name, also for what is in no list.
* It is not made to recognise people, nor for decisions about them.
* The license is that of these weights; the images and the text have terms of their own.
"""
