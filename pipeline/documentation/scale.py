"""The paper's run on paper: hours, bytes and cost of each stage, from counts and throughputs.

`python -m pipeline.documentation.scale` prints the tables of docs/scale.md.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.shared.markdown import table
from components.shared.settings.presets import PRESETS
from components.shared.settings.table import defaults
from components.shared.settings.variants import parse_variant

CPU, GPU = "16 CPUs", "1 GPU, 16 CPUs"
PRICES: Mapping[str, Mapping[str, float]] = {
    "AWS": {CPU: 0.68, GPU: 6.88},
    "Azure": {CPU: 0.68, GPU: 6.98},
    "Google": {CPU: 0.84, GPU: 11.06},
}
"""US dollars an hour of a node; where each comes from stands in docs/scale.md."""
ANSWER = 80
"""Bytes: 20 labels and their cosines, two each."""


@dataclass(frozen=True)
class Counts:
    """How much there is.

    Attributes:
        train: Training images.
        zero_shot: Images of other classes.
        words: Of the text.
        original: Bytes of an image as it is released.
        packed: Bytes of an image in a shard.
        word: Bytes of a word of text.
    """

    train: float = 1.28e6
    zero_shot: float = 13e6
    words: float = 5.4e9
    original: float = 110e3
    packed: float = 27e3
    word: float = 6


@dataclass(frozen=True)
class Rates:
    """Throughput of one task of each kind, in units a second.

    Attributes:
        cleaned: Words of text, prepare_corpus.
        learned: Words, train_skipgram at 500 dimensions.
        packed: Images, a task of pack_images.
        trained: Images, a step of pretraining with its input.
        tuned: Images, a step of phase 2 with its input.
        embedded: Images through the frozen trunk.
        steps: Steps of phase 1.
        ranked: Images ranked among every label, a model.
        judged: Answers that become figures, one for each image, row of the tables and candidate set.
    """

    cleaned: float = 1.6e6
    learned: float = 4e5
    packed: float = 800
    trained: float = 20_078
    tuned: float = 15_198
    embedded: float = 16_709
    steps: float = 4042
    ranked: float = 4096 / 0.73
    judged: float = 1806 * 19 * 2


@dataclass(frozen=True)
class Work:
    """A stage's work in a run.

    Attributes:
        stage: Its name.
        node: What a task runs on.
        seconds: Of work, all tasks together.
        tasks: Side by side at most, as the graph is.
        read: Bytes.
        written: Bytes.
    """

    stage: str
    node: str
    seconds: float
    tasks: int = 1
    read: float = 0
    written: float = 0

    @property
    def hours(self) -> float:
        """Until the stage is done."""
        return self.seconds / 3600 / self.tasks

    def cost(self, prices: Mapping[str, float]) -> float:
        """Hours of its nodes times their price."""
        return self.seconds / 3600 * prices[self.node]


@dataclass(frozen=True)
class Run:
    """A run to be computed.

    Attributes:
        counts: How much there is.
        rates: How fast a task is.
        values: Every setting.
        corpora: Texts, cleaned side by side.
        parts: Parts of the images, packed side by side.
        ranked_parts: Parts of the test images, ranked side by side.
    """

    counts: Counts = Counts()
    rates: Rates = Rates()
    values: Mapping[str, Any] = field(default_factory=lambda: {**defaults(), **PRESETS["paper"]})
    corpora: int = 16
    parts: int = 8
    ranked_parts: int = 4


def works(run: Run) -> list[Work]:
    """The work of each stage that grows with the data, in the graph's order."""
    counts, rates, values = run.counts, run.rates, run.values
    images, views = counts.train + counts.zero_shot, values["devise_phase_1_views"]
    text, shards = counts.words * counts.word, counts.train * counts.packed
    models = 2 + len(values["devise_variants"])
    features = 2 * 4096 * (images + views * counts.train)
    dims = {values["skipgram_dim"], *_further_dims(values["devise_variants"])}
    reads = values["skipgram_phrase_passes"] + 1
    passes = values["skipgram_epochs"] * len(dims) + reads
    # A pass of training costs as much as the vectors are long; one of 500 is counted as 1.
    learned = values["skipgram_epochs"] * sum(dims) / 500 + reads
    steps = counts.train * values["devise_phase_1_epochs"] / values["devise_batch_size"]
    tuned = counts.train * values["devise_phase_2_epochs"]
    trained = counts.train * (
        values["visual_epochs"] / rates.trained + values["devise_phase_2_epochs"] / rates.tuned
    )
    # Of two softmaxes, ConSE and each model twice, each set alone and with the seen labels.
    sets, rows = 2 * len(values["evaluate_zero_shot_sets"]), 3 + 2 * models
    answers = counts.zero_shot * sets * rows
    return [
        Work("prepare_corpus", CPU, counts.words / rates.cleaned, run.corpora, text, text),
        Work("train_skipgram", CPU, counts.words * learned / rates.learned, 1, text * passes,
             8 * sum(dims) * values["skipgram_vocabulary_size"]),
        Work("pack_images", CPU, images / rates.packed, run.parts, images * counts.original,
             images * counts.packed),
        Work("pretrain_visual", GPU, trained, 1, 2 * shards, 0.5e9),
        Work("embed_images", GPU, (images + views * counts.train) / rates.embedded, 1,
             images * counts.packed, features),
        Work("train_devise", GPU, models * (steps / rates.steps + tuned / rates.tuned), 1,
             models * (shards + 2 * 4096 * views * counts.train), models * 0.5e9),
        Work("rank_images", GPU, counts.zero_shot * (1 / rates.embedded + models / rates.ranked),
             run.ranked_parts, counts.zero_shot * (counts.packed + 2 * 4096), ANSWER * answers),
        Work("evaluate", CPU, answers / rates.judged, 1, ANSWER * answers, 1e9),
    ]  # fmt: skip


def _further_dims(variants: Sequence[str]) -> list[int]:
    settings = [parse_variant(text).settings for text in variants]
    return [int(of["skipgram_dim"]) for of in settings if "skipgram_dim" in of]


def stages_table(found: Sequence[Work]) -> str:
    """Hours and bytes of each stage, and their sums."""
    rows = [
        [f"`{work.stage}`", work.node, str(work.tasks), f"{work.hours:,.1f}",
         f"{work.seconds / 3600:,.1f}", _gigabytes(work.read), _gigabytes(work.written)]
        for work in found
    ]  # fmt: skip
    total = [
        "all", "", "", f"{sum(work.hours for work in found):,.1f}",
        f"{sum(work.seconds for work in found) / 3600:,.1f}",
        _gigabytes(sum(work.read for work in found)),
        _gigabytes(sum(work.written for work in found)),
    ]  # fmt: skip
    head = ["stage", "node", "tasks", "hours", "node hours", "GB read", "GB written"]
    return table(head, [*rows, total], names=2)


def cost_table(found: Sequence[Work], prices: Mapping[str, Mapping[str, float]] = PRICES) -> str:
    """US dollars of the nodes at each cloud."""
    rows = [
        [cloud, *(f"{of[node]:.2f}" for node in (CPU, GPU)),
         f"{sum(work.cost(of) for work in found):,.0f}"]
        for cloud, of in prices.items()
    ]  # fmt: skip
    return table(["cloud", f"$/h, {CPU}", f"$/h, {GPU}", "the run, $"], rows)


def _gigabytes(number: float) -> str:
    return f"{number / 1e9:,.1f}"


if __name__ == "__main__":
    every = works(Run())
    sys.stdout.write(f"{stages_table(every)}\n\n{cost_table(every)}\n")
