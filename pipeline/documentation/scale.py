"""The paper's run on paper: hours, bytes and cost of each stage, from counts and throughputs.

`python -m pipeline.documentation.scale` prints the tables of docs/scale.md.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.shared.artifacts.evaluation import SOFTMAXES
from components.shared.markdown import table
from components.shared.settings.presets import PRESETS
from components.shared.settings.table import defaults
from components.shared.settings.variants import parse_variant
from components.shared.statistics.scores import METRICS
from pipeline.cluster.sizes import SIZES, Resources, Size

CPU, GPU = "16 CPUs", "1 GPU, 16 CPUs"
NODE = Resources(cpu="16", memory="64Gi")
"""What either has; what a task without a GPU does not ask for is left to others."""
PRICES: Mapping[str, Mapping[str, float]] = {
    "AWS": {CPU: 0.68, GPU: 6.88},
    "Azure": {CPU: 0.68, GPU: 6.98},
    "Google": {CPU: 0.84, GPU: 11.06},
}
"""US dollars an hour of a node; where each comes from stands in docs/scale.md."""
ANSWER, SCORES = 80, 80
"""Bytes of an answer: 20 labels and their cosines, two each; and their scores, four each."""
WRITTEN_ANSWER = 86
"""Bytes of it in predictions.parquet and cosines.parquet."""
TOGETHER = 4e9
"""Bytes of the rankings that evaluate compares or writes together, however many there are."""


@dataclass(frozen=True)
class Counts:
    """How much there is.

    Attributes:
        train: Training images.
        zero_shot: Images of other classes.
        in_sets: What share of these each zero-shot set has; of others all.
        words: Of the text.
        original: Bytes of an image as it is released.
        packed: Bytes of an image in a shard.
        word: Bytes of a word of text.
    """

    train: float = 1.28e6
    zero_shot: float = 13e6
    # As of the labels: Frome et al. 2013, tables 2 and 3.
    in_sets: Mapping[str, float] = field(
        default_factory=lambda: {"2-hop": 1589 / 20841, "3-hop": 7860 / 20841}
    )
    words: float = 5.4e9
    original: float = 110e3
    packed: float = 27e3
    word: float = 6


@dataclass(frozen=True)
class Rates:
    """Throughput of one task of each kind, in units a second.

    Attributes:
        cleaned: Words of text, prepare_corpus on four CPUs.
        learned: Words, train_skipgram at 500 dimensions.
        packed: Images, a task of pack_images.
        trained: Images, a step of pretraining with its input.
        tuned: Images, a step of phase 2 with its input.
        embedded: Images through the frozen trunk.
        steps: Steps of phase 1.
        ranked: Images ranked among every label, by one row of the tables.
        judged: Answers that become figures, one for each image, row of the tables and candidate
            set.
        evaluated: Bytes that evaluate holds for an image of a set, beside a count for each figure.
    """

    cleaned: float = 3 * 675_619
    learned: float = 4e5
    packed: float = 800
    trained: float = 20_078
    tuned: float = 15_198
    embedded: float = 16_709
    steps: float = 4042
    ranked: float = 4096 / 0.73
    judged: float = 1806 * 19 * 2
    evaluated: float = 1600


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
        share: Of the node, a task's.
    """

    stage: str
    node: str
    seconds: float
    tasks: int = 1
    read: float = 0
    written: float = 0
    share: float = 1

    @property
    def hours(self) -> float:
        """Until the stage is done."""
        return self.seconds / 3600 / self.tasks

    @property
    def node_hours(self) -> float:
        """Of whole nodes."""
        return self.seconds / 3600 * self.share

    def cost(self, prices: Mapping[str, float]) -> float:
        """Hours of its nodes times their price."""
        return self.node_hours * prices[self.node]


@dataclass(frozen=True)
class Run:
    """A run to be computed.

    Attributes:
        counts: How much there is.
        rates: How fast a task is.
        values: Every setting.
        size: What the tasks of each stage ask for.
        corpora: Addresses of texts, cleaned side by side.
    """

    counts: Counts = Counts()
    rates: Rates = Rates()
    values: Mapping[str, Any] = field(default_factory=lambda: {**defaults(), **PRESETS["paper"]})
    size: Size = field(default_factory=lambda: SIZES["paper"])
    corpora: int = 1

    @property
    def label_rows(self) -> int:
        """Rows of the tables that rank the labels of every set.

        Each DeViSE model before and after phase 2; ConSE, EXEM and ESZSL over each label space that
        is not of random vectors; and two by the hierarchy, conse_hierarchy and dgp.
        """
        variants = self.values["devise_variants"]
        return 2 * (2 + len(variants)) + 3 * _label_spaces(variants) + 2

    @property
    def rows(self) -> int:
        """All rows, but for those that are calibrated."""
        return self.label_rows + len(SOFTMAXES)

    @property
    def tested(self) -> float:
        """Images of all zero-shot sets together: one that is in two sets counts twice."""
        sets = [one.partition("=")[0] for one in self.values["evaluate_zero_shot_sets"]]
        return self.counts.zero_shot * sum(self.counts.in_sets.get(name, 1) for name in sets)


def works(run: Run) -> list[Work]:
    """The work of each stage that grows with the data, in the graph's order."""
    return [*_works_of_text(run), *_works_of_training(run), *_works_of_ranking(run)]


def _works_of_text(run: Run) -> list[Work]:
    counts, rates, values = run.counts, run.rates, run.values
    text, phrase_passes = counts.words * counts.word, values["skipgram_phrase_passes"]
    dims = {values["skipgram_dim"], *_further_dims(values["devise_variants"])}
    # Once more the phrases are joined: the text is written anew, and its words are counted.
    reads = phrase_passes + 1 if phrase_passes else 0
    # A pass of training costs as much as the vectors are long; one of 500 is counted as 1.
    learned = values["skipgram_epochs"] * sum(dims) / 500 + reads
    # Each training looks first where its blocks end.
    passes = (values["skipgram_epochs"] + 1) * len(dims) + reads
    vectors = 8 * sum(dims) * values["skipgram_vocabulary_size"]
    return [
        _work(run, "prepare_corpus", counts.words / rates.cleaned, run.corpora, text, text),
        _work(run, "train_skipgram", counts.words * learned / rates.learned, 1, text * passes,
              vectors + (text if phrase_passes else 0)),
    ]  # fmt: skip


def _works_of_training(run: Run) -> list[Work]:
    counts, rates, values = run.counts, run.rates, run.values
    images, views = counts.train + counts.zero_shot, values["devise_phase_1_views"]
    shards, models = counts.train * counts.packed, 2 + len(values["devise_variants"])
    steps = counts.train * values["devise_phase_1_epochs"] / values["devise_batch_size"]
    tuned = counts.train * values["devise_phase_2_epochs"] / rates.tuned
    trained = counts.train * values["visual_epochs"] / rates.trained + tuned
    features = 2 * 4096 * (images + views * counts.train)
    return [
        _work(run, "pack_images", images / rates.packed, values["images_parts"],
              images * counts.original, images * counts.packed),
        _work(run, "pretrain_visual", trained, 1, 2 * shards, 0.5e9),
        _work(run, "embed_images", (images + views * counts.train) / rates.embedded, 1,
              images * counts.packed, features),
        _work(run, "train_devise", models * (steps / rates.steps + tuned), 1,
              models * (shards + 2 * 4096 * views * counts.train), models * 0.5e9),
    ]  # fmt: skip


def _works_of_ranking(run: Run) -> list[Work]:
    counts, rates = run.counts, run.rates
    # A set is ranked alone and with the seen labels, and these alone for calibration; softmaxes
    # rank their classes, which takes no time beside it, and not for calibration.
    rankings = 3 * run.label_rows * run.tested
    answers = run.tested * (
        run.label_rows * (3 * ANSWER + 2 * SCORES) + 2 * len(SOFTMAXES) * ANSWER
    )
    judged = 2 * run.rows * run.tested
    return [
        _work(run, "rank_images", counts.zero_shot / rates.embedded + rankings / rates.ranked,
              run.values["evaluate_parts"], counts.zero_shot * (counts.packed + 2 * 4096), answers),
        _work(run, "evaluate", judged / rates.judged, 1, answers, WRITTEN_ANSWER * judged),
    ]  # fmt: skip


def _work(run: Run, stage: str, seconds: float, tasks: int, read: float, written: float) -> Work:
    wanted = run.size[stage]
    if wanted.gpus:
        return Work(stage, GPU, seconds, tasks, read, written)
    shares = float(wanted.cpu) / float(NODE.cpu), wanted.memory_bytes / NODE.memory_bytes
    return Work(stage, CPU, seconds, tasks, read, written, min(1, max(shares)))


def evaluate_memory(run: Run) -> float:
    """Bytes that evaluate holds at most, with the figures of all images in one set."""
    of_an_image = len(METRICS) * run.rows + run.rates.evaluated
    return TOGETHER + run.counts.zero_shot * of_an_image


def _label_spaces(variants: Sequence[str]) -> int:
    """Label spaces that are not of random vectors: the main one, and variants' own."""
    of_labels = [
        {name: text for name, text in parse_variant(variant).settings.items() if _of_labels(name)}
        for variant in variants
    ]
    return 1 + sum(
        bool(of) and not of.get("labels_vectors", "").startswith("random") for of in of_labels
    )


def _of_labels(setting: str) -> bool:
    return setting.startswith("labels_") or setting == "skipgram_dim"


def _further_dims(variants: Sequence[str]) -> list[int]:
    settings = [parse_variant(text).settings for text in variants]
    return [int(of["skipgram_dim"]) for of in settings if "skipgram_dim" in of]


def stages_table(found: Sequence[Work]) -> str:
    """Hours and bytes of each stage, and their sums."""
    rows = [
        [f"`{work.stage}`", _node(work), str(work.tasks), f"{work.hours:,.1f}",
         f"{work.node_hours:,.1f}", _gigabytes(work.read), _gigabytes(work.written)]
        for work in found
    ]  # fmt: skip
    total = [
        "all", "", "", f"{sum(work.hours for work in found):,.1f}",
        f"{sum(work.node_hours for work in found):,.1f}",
        _gigabytes(sum(work.read for work in found)),
        _gigabytes(sum(work.written for work in found)),
    ]  # fmt: skip
    head = ["stage", "node", "tasks", "hours", "node hours", "GB read", "GB written"]
    return table(head, [*rows, total], names=2)


def _node(work: Work) -> str:
    return work.node if work.share == 1 else f"{work.share * float(NODE.cpu):g} of {work.node}"


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


def memory_sentence(run: Run) -> str:
    """What evaluate takes of memory, and what it is given."""
    given = run.size["evaluate"].memory_bytes
    return f"`evaluate` holds {_gigabytes(evaluate_memory(run))} GB of {_gigabytes(given)} at most"


if __name__ == "__main__":
    whole = Run()
    every = works(whole)
    parts = stages_table(every), cost_table(every), memory_sentence(whole)
    sys.stdout.write("\n\n".join(parts) + "\n")
