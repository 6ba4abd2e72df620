"""What people should know of a model: what it is and is for, how good it is, where its limits are.

The card of an exported model and the description of a registered version are this text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.shared.artifacts.label_space import read_label_space, read_words
from components.shared.markdown import table
from components.shared.networks.devise_model import DeviseModelConfig, read_config

PAPER = "https://papers.nips.cc/paper/5204-devise-a-deep-visual-semantic-embedding-model"
SHOWN = ("flat_hit_at_1", "flat_hit_at_5", "hierarchical_precision_at_5")
CANDIDATES = ("seen", "unseen", "unseen_plus_seen", "seen_among_unseen")
WORDS = {
    "flat_hit_at_1": "hit@1",
    "flat_hit_at_5": "hit@5",
    "hierarchical_precision_at_5": "hierarchical precision@5",
    "seen": "the labels trained on, among themselves",
    "unseen": "labels never trained on, among themselves",
    "unseen_plus_seen": "labels never trained on, among all labels",
    "seen_among_unseen": "the labels trained on, among all labels",
}


@dataclass(frozen=True)
class Figure:
    """A measured figure.

    Attributes:
        candidates: Which labels were ranked.
        metric: Its public name.
        value: Between 0 and 1.
    """

    candidates: str
    metric: str
    value: float


def figures_among(metrics: Mapping[str, float]) -> list[Figure]:
    """The figures to show, of those measured of one model.

    Args:
        metrics: By `<candidates>/<metric>`.
    """
    return [
        Figure(candidates, name, metrics[f"{candidates}/{name}"])
        for candidates in CANDIDATES
        for name in SHOWN
        if f"{candidates}/{name}" in metrics
    ]


def describe(model: Path, name: str, figures: Sequence[Figure], use: str = "") -> str:
    """Return the text, Markdown.

    Args:
        model: Folder of a DeViSE model.
        name: What it is called.
        figures: What was measured on test images.
        use: More of how to use it, Markdown.
    """
    what = _what(name, read_config(model), _counts(model))
    return "\n".join([what, _use(use), _results(figures), _limits()])


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


def _counts(model: Path) -> tuple[int, int, int]:
    space = read_label_space(model / "label_space")
    seen = int((space.labels["role"] == "seen").sum())
    return seen, len(space.labels) - seen, len(read_words(model / "label_space").words)


def _use(more: str) -> str:
    return f"""## Use

To name photos with words, in research and teaching. With the code of DeViSE on Kubeflow:

```python
from pipeline.model import load_model

model = load_model("FOLDER")
model.rank(["photo.jpg"], labels=["tiger shark", "crane"])
```

`python pipeline.py predict photo.jpg --model FOLDER` and `demo --model FOLDER` do the same.
{more}"""


def _results(figures: Sequence[Figure]) -> str:
    if not figures:
        return "## Results\n\nNone came with the model.\n"
    rows = [[WORDS[one.candidates], WORDS[one.metric], f"{one.value:.1%}"] for one in figures]
    shown = table(["labels", "figure", ""], rows, names=2)
    return f"## Results\n\nOn test images, which took part in no choice.\n\n{shown}\n"


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
