"""Memory and time as the data grow, each size in a process of its own, with exponents.

    python benchmarks/growth.py [--quick] [--huge] [--only NAME ...]

An exponent is a slope of the logarithms of sizes and figures: 1 is in proportion. Judged is the
slope from the last size but one to the last, which what is the same at every size flattens least,
and none may be above 1.05: the exit status is 1 where one is. The slope of a line through all sizes
stands beside it. Time is the processor's, which other work on the machine does not lengthen; memory
is what the work takes beyond what the process held before it.

`--huge` adds the largest size of each, hours of work; what `--quick` takes is too small to say
anything but that it runs, and is not judged.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import psutil

if TYPE_CHECKING:
    from components.evaluate.evaluation import Compared
    from components.shared.artifacts.candidate_sets import CandidateSet
    from components.shared.ranking.packed import Names, Packed

sys.path.insert(0, str(Path(__file__).resolve().parent))

from components.shared.execution.code_version import ROOT
from components.shared.machine import machine_facts
from components.shared.markdown import table

BAR = 1.05
LEAST = {"processor time": 0.01, "memory": 1.0}
"""Seconds and MiB below which a figure says nothing."""
MIB, SAMPLED_SECONDS = 1 << 20, 0.2
HEAPS = 30
"""30,000 different words in a million."""
MODELS, SEEN_LABELS = 17, 1000
WNIDS = [f"n{number:08d}" for number in range(21_842)]
Work = Callable[[int, Path], Callable[[], object]]
"""Given the size and a folder: prepares, and gives what is to be measured."""


@dataclass(frozen=True)
class Subject:
    """What is measured.

    Attributes:
        name: What grows.
        work: What is done with it.
        quick: Sizes that only show that it runs.
        sizes: Those that are measured.
        huge: One more, for a day of its own.
    """

    name: str
    work: Work
    quick: Sequence[int]
    sizes: Sequence[int]
    huge: int


@dataclass(frozen=True)
class Figures:
    """Of one size.

    Attributes:
        size: It.
        seconds: Of the work.
        processor: Seconds of processors, those of processes that it started among them.
        before: MiB that the process held before the work.
        megabytes: Most MiB beyond these that it and what it started held at once.
    """

    size: int
    seconds: float
    processor: float
    before: float
    megabytes: float


def prepared_tokens(tokens: int, folder: Path) -> Callable[[], object]:
    """Tokens through prepare_corpus."""
    from components.prepare_corpus.preparation import write_corpus
    from components.prepare_taxonomy.preparation import write_taxonomy
    from components.shared.settings.corpus import CorpusSettings
    from components.shared.settings.taxonomy import TaxonomySettings

    (folder / "source").mkdir()
    (folder / "source" / "words.txt").write_text("n1\tw1 w2, w3\nn2\tw4\n")
    (folder / "source" / "edges.txt").write_text("n1 n2\n")
    uri = str(folder / "source")
    write_taxonomy(TaxonomySettings(uri=uri, edges="edges.txt"), folder / "taxonomy")
    write_articles(folder / "text.txt", tokens)
    text = str(folder / "text.txt")
    config = CorpusSettings(uris=(text,), part=text)
    return lambda: write_corpus(config, folder / "taxonomy", folder / "corpus")


def different_words(tokens: int) -> int:
    """How many different words a text of so many has: their square root's multiple (Heaps)."""
    return max(1, round(HEAPS * math.sqrt(tokens)))


def write_articles(path: Path, tokens: int, article: int = 400, at_once: int = 1_000_000) -> None:
    """Write a text of so many tokens, drawn as Zipf has them."""
    draw = np.random.default_rng(0)
    chances = 1 / np.arange(1, different_words(tokens) + 1)
    with path.open("w") as text:
        for start in range(0, tokens, at_once):
            words = min(at_once, tokens - start)
            numbers = draw.choice(len(chances), words, p=chances / chances.sum())
            for part in np.array_split(numbers, max(1, words // article)):
                text.write(" ".join(f"w{number}" for number in part) + "\n\n")


def trained_words(words: int, folder: Path) -> Callable[[], object]:
    """Words through skip-gram of two threads, 16 dimensions, window 2."""
    from skipgram import write_text

    from components.shared.settings.skipgram import SkipgramSettings
    from components.shared.storage.checkpoint import NOWHERE
    from components.train_skipgram.training import build_model, train

    counts = write_text(folder / "text.txt", words, different_words(words))
    config = SkipgramSettings(dim=16, window=2, workers=2)
    return lambda: train(build_model(config, counts), config, [folder / "text.txt"], NOWHERE)


def split_images(images: int, _folder: Path) -> Callable[[], object]:
    """Images of a tenth as many classes, at most 21,842, put into their splits."""
    from components.prepare_images.listing import Listing, Source
    from components.prepare_images.splits import assign
    from components.shared.settings.images import ImagesSettings

    classes = min(images // 10, 21_842)
    sources = []
    for number in range(images):
        split = "val" if number % 10 == 9 else "train"
        path = f"{split}/n{number // 10 % classes:08d}/{number}.JPEG"
        sources.append(Source(path, f"/images/{path}"))
    config = ImagesSettings(uri="/images", held_out_splits=("val",))
    wnids = {source.wnid for source in sources}
    return lambda: assign(config, Listing(sources, [], wnids))


def ranked_labels(labels: int, _folder: Path) -> Callable[[], object]:
    """2,048 images against labels, dimension 500."""
    from components.shared.ranking.nearest_labels import rank_positions, terms_of

    draw = np.random.default_rng(0)
    vectors = draw.normal(size=(labels, 500)).astype(np.float32)
    wnids = [f"n{number:08d}" for number in range(labels)]
    terms = [(f"term-{w}", vector, [w]) for w, vector in zip(wnids, vectors, strict=True)]
    queries = draw.normal(size=(2_048, 500)).astype(np.float32)
    return lambda: rank_positions(queries, terms_of(terms, wnids))


def evaluated_images(images: int, folder: Path) -> Callable[[], object]:
    """Rankings of 17 models and two calibrated ones, 21,842 labels of which 1,000 are seen."""
    from components.evaluate.evaluation import figures_of
    from components.shared.artifacts.answers import names_in, read_answers
    from components.shared.artifacts.evaluation import write_curves, write_predictions
    from components.shared.ranking.hierarchy import build_hierarchy
    from components.shared.ranking.metrics import correct_labels
    from components.shared.settings.evaluate import EvaluateSettings

    draw = np.random.default_rng(0)
    frame, sets = _images_of_labels(images, draw)
    variants = [f"devise_{number}" for number in range(MODELS - 3)]
    models = ("softmax", "devise", *variants, "random")
    _write_answers(folder / "answers", models, sets, draw)
    found, names = read_answers([folder / "answers"], images), names_in(sets)
    tree = [(wnid, WNIDS[(place - 1) // 8]) for place, wnid in enumerate(WNIDS) if place]

    def evaluate() -> None:
        compared = _compared(found.rankings, names, models, ["devise", *variants], sets, frame)
        figures_of(EvaluateSettings(), compared, correct_labels(build_hierarchy(tree), sets))
        write_predictions(folder, compared.answers, compared.models, sets, frame, compared.cosines)
        write_curves(folder, compared.curves)

    return evaluate


def _images_of_labels(
    images: int, draw: np.random.Generator
) -> tuple[pd.DataFrame, list["CandidateSet"]]:
    """Test images, a tenth of them of seen labels, and what they are ranked among."""
    from components.shared.artifacts.candidate_sets import CandidateSet

    truth = draw.integers(0, len(WNIDS), images)
    truth[: images // 10] %= SEEN_LABELS
    paths = [f"{number}.JPEG" for number in range(images)]
    frame = pd.DataFrame({"wnid": np.array(WNIDS, dtype=object)[truth], "path": paths})
    seen, every = tuple(WNIDS[:SEEN_LABELS]), frozenset(WNIDS)
    of_seen = truth < SEEN_LABELS
    sets = [
        CandidateSet("seen", "seen", seen, frozenset(seen), of_seen),
        CandidateSet("all", "all", tuple(WNIDS[SEEN_LABELS:]), every, ~of_seen),
        CandidateSet("all_plus_seen", "all", tuple(WNIDS), every, ~of_seen),
        CandidateSet("seen_among_all", "seen_among_all", tuple(WNIDS), every, of_seen),
    ]
    return frame, sets


def _write_answers(
    folder: Path,
    models: Sequence[str],
    sets: Sequence["CandidateSet"],
    draw: np.random.Generator,
) -> None:
    """Write rankings drawn at random, as rank_images leaves them."""
    from components.shared.artifacts.answers import AnswersWriter
    from components.shared.artifacts.candidate_sets import further_halves, halves_of
    from components.shared.ranking.packed import Packed

    asked = [*sets, *further_halves(sets)]
    scored = {name for one in sets for name in halves_of(one) or ()}
    number = {wnid: place for place, wnid in enumerate(WNIDS)}
    images = {one.name: int(one.images.sum()) for one in asked}
    writer = AnswersWriter(folder, images)
    for model in models:
        # The softmax scores no unseen label.
        for one in sets if model == "softmax" else asked:
            rows = images[one.name]
            places = _rankings(draw, rows, np.array([number[wnid] for wnid in one.members]))
            scores = -np.sort(-draw.random((rows, 20), dtype=np.float32), axis=1)
            cosines = (scores * 1000).astype(np.int16)
            kept = scores if one.name in scored else None
            writer.write({(model, one.name): Packed(places, cosines, kept)})
    tested = len(sets[0].images)
    writer.finish(range(tested), tested, {}, {})


def _compared(
    rankings: "Mapping[tuple[str, str], Packed]",
    names: "Names",
    models: tuple[str, ...],
    tested: list[str],
    sets: list["CandidateSet"],
    frame: pd.DataFrame,
) -> "Compared":
    """What evaluate compares: the models, and two of them calibrated."""
    from components.evaluate.calibration import (
        areas_and_curves,
        cosines_with_calibrated,
        curves_of,
        with_calibrated,
    )
    from components.evaluate.evaluation import Compared
    from components.shared.artifacts.evaluation import calibrated_of
    from components.shared.ranking.packed import unpacked, unpacked_cosines

    given = sets, {"devise": 0.1, "random": 0.1}
    answers = with_calibrated(unpacked(rankings, names), rankings, names, *given)
    cosines = cosines_with_calibrated(unpacked_cosines(rankings), rankings, *given)
    areas, curves = areas_and_curves(curves_of(rankings, names, sets, frame))
    every = (*models, *map(calibrated_of, given[1]))
    return Compared(answers, cosines, every, tested, sets, frame, areas=areas, curves=curves)


def _rankings(draw: np.random.Generator, images: int, labels: np.ndarray) -> np.ndarray:
    """20 different ones of some labels for each image: int16 [images, 20]."""
    starts = draw.integers(0, len(labels), images)
    steps = np.arange(20) * max(1, len(labels) // 20)
    drawn: np.ndarray = labels[(starts[:, None] + steps) % len(labels)].astype(np.int16)
    return drawn


SUBJECTS = {
    "corpus": Subject(
        "tokens through prepare_corpus",
        prepared_tokens,
        (1_000, 2_000),
        (1_000_000, 10_000_000, 100_000_000),
        1_000_000_000,
    ),
    "skipgram": Subject(
        "words through skip-gram",
        trained_words,
        (1_000, 2_000),
        (1_000_000, 3_000_000, 10_000_000),
        100_000_000,
    ),
    "splits": Subject(
        "images put into splits",
        split_images,
        (1_000, 2_000),
        (10_000, 100_000, 1_000_000),
        10_000_000,
    ),
    "evaluation": Subject(
        "test images through evaluate, 17 models, 21,842 labels",
        evaluated_images,
        (1_000, 2_000),
        (10_000, 100_000, 1_000_000),
        10_000_000,
    ),
    "labels": Subject(
        "labels that 2,048 images are ranked against",
        ranked_labels,
        (100, 200),
        (1_000, 10_000, 21_842),
        100_000,
    ),
}


def measure(name: str, size: int) -> Figures:
    """Measure one size in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", name, str(size)]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    given = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True) as child:
        with sampled(child.pid) as samples:
            assert child.stdout
            printed = child.stdout.read().splitlines()
        if child.wait():
            raise subprocess.CalledProcessError(child.returncode, command)
    found = Measured(*json.loads(printed[-1]))
    of_the_work = [held for moment, held in samples if found.began <= moment <= found.ended]
    most = max(found.most, *of_the_work, found.before)
    seconds = found.ended - found.began
    return Figures(size, seconds, found.processor, found.before, most - found.before)


class Measured(NamedTuple):
    """What the process itself says.

    Attributes:
        began: When the work began, seconds of `time.monotonic`.
        ended: When it was done.
        processor: Seconds of processors in between.
        before: MiB that the process held when it began.
        most: MiB that it held at once in between, what it started left out.
    """

    began: float
    ended: float
    processor: float
    before: float
    most: float


def measure_here(name: str, size: int) -> None:
    """Do the work of one size, and print what is `Measured`."""
    with tempfile.TemporaryDirectory() as folder:
        work = SUBJECTS[name].work(size, Path(folder))
        # What was held most is counted anew.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before, used, began = own_memory("VmRSS"), processor_seconds(), time.monotonic()
        work()
        ended, used = time.monotonic(), processor_seconds() - used
        print(json.dumps(Measured(began, ended, used, before, own_memory("VmHWM"))))


def processor_seconds() -> float:
    """Of this process, and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def own_memory(field: str) -> float:
    """What this process holds (VmRSS) or has held at most (VmHWM), in MiB.

    getrusage counts the parent's too.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


@contextmanager
def sampled(pid: int) -> Iterator[list[tuple[float, float]]]:
    """Note what a process holds with all that it started, MiB by the moment, meanwhile."""
    samples: list[tuple[float, float]] = []
    over = threading.Event()

    def note() -> None:
        process = psutil.Process(pid)
        while not over.wait(SAMPLED_SECONDS):
            samples.append((time.monotonic(), _held(process)))

    noting = threading.Thread(target=note)
    noting.start()
    try:
        yield samples
    finally:
        over.set()
        noting.join()


def _held(process: psutil.Process) -> float:
    held = 0
    # Any of them may end meanwhile.
    with suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                held += one.memory_info().rss
    return held / MIB


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """Slope of the line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(figures), 1)[0])


def main(arguments: list[str]) -> None:
    """Measure all sizes of all subjects, and print them with the exponents.

    Exits with 1 where an exponent is above the bar.
    """
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--quick", action="store_true", help="sizes that only show that it runs")
    asked.add_argument("--huge", action="store_true", help="one size more of each")
    asked.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    asked.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = asked.parse_args(arguments)
    if given.child:
        measure_here(given.child[0], int(given.child[1]))
        return
    facts = machine_facts()
    print(f"{facts['processor']}, {facts['cpus']} CPUs, {facts['memory_gb']} GB\n")
    within = [_measured(SUBJECTS[name], name, given) for name in given.only]
    sys.exit(0 if given.quick or all(within) else 1)


def _measured(subject: Subject, name: str, given: argparse.Namespace) -> bool:
    """Measure all sizes of a subject, print them, and say whether its exponents are within."""
    sizes = [*(subject.quick if given.quick else subject.sizes)]
    found = [measure(name, size) for size in sizes + [subject.huge] * given.huge]
    heads = ["what grows", "size", "seconds", "of processors", "MiB before", "MiB more"]
    print(table(heads, [_cells(subject.name, figures) for figures in found]))
    said, is_within = verdict(found)
    print(f"\n{said}\n", flush=True)
    return is_within


def _cells(name: str, figures: Figures) -> list[str]:
    seconds = f"{figures.seconds:.2f}", f"{figures.processor:.2f}"
    return [name, f"{figures.size:,}", *seconds, f"{figures.before:,.0f}",
            f"{figures.megabytes:,.0f}"]  # fmt: skip


def verdict(found: Sequence[Figures]) -> tuple[str, bool]:
    """What is said of figures, of the smallest size first, and whether all are within the bar."""
    sizes = [figures.size for figures in found]
    grown = {
        "processor time": [figures.processor for figures in found],
        "memory": [figures.megabytes for figures in found],
    }
    said, within = [], []
    for name, figures in grown.items():
        counted = [max(figure, LEAST[name]) for figure in figures]
        last = exponent(sizes[-2:], counted[-2:])
        within.append(last <= BAR)
        said.append(
            f"{name} grows with exponent {last:.2f} at the last step, "
            f"{'within' if within[-1] else 'ABOVE'} {BAR}, {exponent(sizes, counted):.2f} over all"
        )
    return "; ".join(said), all(within)


if __name__ == "__main__":
    main(sys.argv[1:])
