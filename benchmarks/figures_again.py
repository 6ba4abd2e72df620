"""The figures of finished runs, computed again from the parquet files that they leave.

    python benchmarks/figures_again.py runs/quickstart
    python benchmarks/figures_again.py runs/folds/fold_*

It imports nothing of this project: numpy, pandas and pyarrow, with which pandas reads parquet, are
all it needs, so that it can be read, copied and run on its own. It is written to be followed, not
to be fast: an image at a time, some ten thousand rankings a second.

From predictions.parquet, index.parquet, candidates.parquet, edges.parquet and labels.parquet come
hit@k, hit@k per class, hierarchical precision@k, the harmonic means, chance, the numbers of images
and classes, and how many labels have no vector; of metrics.json and of without_shared_terms.json.
What an image shows is read from index.parquet. A figure is equal to the last bit, or equal but for
the order in which it was summed up (1e-9).

AUSUC is the area below the curve through every penalty on the scores of seen labels. The best
scores of each image lie among the answers of rank_images, below stages/ of the run or beside its
fold, in numpy's own files: where they are still there the area, and every point of
calibration.parquet, are computed from them. Where they are gone it is the area below the curve of
calibration.parquet. One with fewer than 300 points is there as a whole. Of a longer one 300 points
were kept; one figure falls along it and the other rises, so that they bound the area, and the
figure is confirmed to lie within. Both ends of a curve are hits without competition, and are
computed from the rankings.

`zero_shot_contaminated` cannot be computed: it says where a network's weights came from.

The exit status is 1 where a figure differs, or is there on one side alone.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pyarrow.parquet import ParquetFile

KS = (1, 2, 5, 10, 20)
HITS = [f"flat_hit_at_{k}" for k in KS]
CLASS_HITS = [f"per_class_hit_at_{k}" for k in KS]
PRECISIONS = [f"hierarchical_precision_at_{k}" for k in KS]
SEEN, AMONG, PLUS = "seen", "seen_among_", "_plus_seen"
LONGEST = 20
"""Labels of a ranking."""
KEPT_POINTS = 300
"""Points of a curve that are kept of a longer one."""
ROLES = ("seen", "unseen")
CURVES = "calibration.parquet"
SCORE_ROUNDING = 2e-6
"""Scores that differ by a smaller share are those of labels with one vector."""
ROUNDING = 1e-9
"""Sums in another order differ by less."""
BLOCK = 4096
"""Rankings that are in memory at a time."""
NAMED = 20
"""Figures that are named where more differ."""
NOT_IN_PARQUET = {"zero_shot_contaminated"}

Bounds = tuple[float, float]
"""The least and the most that a figure can be; twice the figure where it is known."""
Correct = Mapping[tuple[str, str], Sequence[frozenset[str]]]
"""For a set and a true label hCorrectSet for each k."""

Files = Mapping[tuple[str, str], Path]
"""For a model and its candidates the answers' files, without endings."""


@dataclass(frozen=True)
class Run:
    """What a run leaves, but for its rankings.

    Attributes:
        folder: Where it lies.
        sets: The wnids of each candidate set.
        neighbours: Of each synset in the hierarchy, up and down.
        truth: The wnid of each test image, by its path.
        labels: Of each label wnid, role, terms and target_source.
        curves: The seen-unseen curves: model, set, penalty, seen, unseen.
    """

    folder: Path
    sets: Mapping[str, frozenset[str]]
    neighbours: Mapping[str, set[str]]
    truth: Mapping[str, str]
    labels: pd.DataFrame
    curves: pd.DataFrame

    @property
    def rankings(self) -> Path:
        """The file of all rankings."""
        return self.folder / "predictions.parquet"

    @cached_property
    def zero_shot_sets(self) -> list[str]:
        """Names of the sets of labels that no training image has."""
        return [
            name for name in self.sets if name + PLUS in self.sets and AMONG + name in self.sets
        ]

    @cached_property
    def candidates(self) -> list[str]:
        """Every set of labels that is ranked."""
        forms = [(name, name + PLUS, AMONG + name) for name in self.zero_shot_sets]
        return [SEEN, *(name for three in forms for name in three)]

    def classes(self, candidates: str) -> frozenset[str]:
        """The labels whose images are asked about."""
        return self.sets[SEEN if candidates.startswith(AMONG) else set_of(candidates)]

    def images_by_class(self, candidates: str) -> pd.Series:
        """How many test images each of these labels has, those that have any."""
        counts = pd.Series(self.truth).value_counts()
        return counts[counts.index.isin(self.classes(candidates))]


class Ranking(NamedTuple):
    """A row of predictions.parquet.

    Attributes:
        image: Its path.
        truth: The wnid that it shows.
        model: What ranked.
        candidates: The set whose labels were ranked.
        predicted: The first wnids, best first.
    """

    image: str
    truth: str
    model: str
    candidates: str
    predicted: list[str]

    def __str__(self) -> str:
        """What it is a ranking of."""
        return f"by {self.model} among {self.candidates} of {self.image}"


@dataclass(frozen=True)
class Figure:
    """A figure as a file has it, and computed again.

    Attributes:
        file: Name of the file.
        name: Its name there.
        told: What the file says; None where it lacks the figure.
        again: What was computed; None where nothing was.
    """

    file: str
    name: str
    told: float | None
    again: Bounds | None

    @property
    def kind(self) -> str:
        """What it is a figure of, for any k and labels."""
        model, _, rest = self.name.partition("/")
        metric = re.split("_at_| ", (rest or model).rpartition("/")[2])[0].replace("_", " ")
        calibrated = "calibrated" if model.endswith("_calibrated") else ""
        return f"{self.file}: {'chance' if model == 'chance' else calibrated} {metric}"

    @property
    def is_due(self) -> bool:
        """Whether it can be computed from the files."""
        return self.name not in NOT_IN_PARQUET

    @property
    def difference(self) -> float:
        """How far the file is from what was computed."""
        if self.told is None or self.again is None:
            return float("nan")
        low, high = self.again
        return max(low - self.told, self.told - high, 0.0)

    @property
    def verdict(self) -> str:
        """What came out; a head of the tables."""
        if self.again is None and not self.is_due:
            return "not computed"
        if not self.difference <= ROUNDING:
            return "differ"
        low, high = self.again or (0.0, 0.0)
        if low < high:
            return "within bounds"
        return "equal" if self.told == low else "to 1e-9"

    def __str__(self) -> str:
        """A line that names it, with both values."""
        told = "not there" if self.told is None else repr(self.told)
        low, high = self.again or (None, None)
        again = repr(low) if low == high else f"{low!r} to {high!r}"
        return f"{self.file}: {self.name}: {told}, computed again {again}"


def read_run(folder: Path) -> Run:
    """Read the small files of a run.

    Raises:
        ValueError: One is missing.
    """
    tables = {name: _table(folder, name) for name in ("candidates", "labels", "calibration")}
    index = _table(folder, "index", columns=["path", "wnid"], filters=[("split", "==", "test")])
    sets = {name: frozenset(rows["wnid"]) for name, rows in tables["candidates"].groupby("set")}
    neighbours: dict[str, set[str]] = defaultdict(set)
    for a, b in _table(folder, "edges")[["a", "b"]].to_numpy():
        neighbours[a].add(b)
        neighbours[b].add(a)
    truth = dict(zip(index["path"], index["wnid"], strict=True))
    return Run(folder, sets, dict(neighbours), truth, tables["labels"], tables["calibration"])


def _table(folder: Path, name: str, **options: Any) -> pd.DataFrame:
    return pd.read_parquet(_existing(folder / f"{name}.parquet"), **options)


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise ValueError(
            f"{file} is missing: give the folder of a finished run; with --seeds or --folds each "
            "run has a folder of its own, seed_N or fold_N."
        )
    return file


def set_of(candidates: str) -> str:
    """The zero-shot set that labels are ranked of, alone or beside the seen ones; else `seen`."""
    return candidates.removeprefix(AMONG).removesuffix(PLUS)


def correct_set(
    neighbours: Mapping[str, set[str]], truth: str, valid: frozenset[str], k: int
) -> frozenset[str]:
    """hCorrectSet(truth, k) of Frome et al. 2013, appendix A.3.

    Shell by shell around the true label, all valid labels join while there are fewer than k.
    """
    correct, reached, shell = {truth}, {truth}, {truth}
    while len(correct) < k and shell:
        shell = {near for node in shell for near in neighbours.get(node, ())} - reached
        reached |= shell
        correct |= shell & valid
    return frozenset(correct)


def correct_sets(run: Run) -> Correct:
    """Every hCorrectSet of the run.

    Valid are the seen labels and, where labels of a zero-shot set are ranked, these too.
    """
    found: dict[tuple[str, str], list[frozenset[str]]] = {}
    for candidates in run.candidates:
        name = set_of(candidates)
        valid = run.sets[name] | run.sets[SEEN]
        for truth in run.images_by_class(candidates).index:
            if (name, truth) not in found:
                found[name, truth] = [correct_set(run.neighbours, truth, valid, k) for k in KS]
    return found


def sums_by_class(run: Run, correct: Correct) -> pd.DataFrame:
    """Go through all rankings once, and add up the scores of each model, candidates and true label.

    Returns:
        A row each, by model, candidates and truth: images, hits and precisions.

    Raises:
        ValueError: Rankings are missing, repeated or no rankings of the candidates.
    """
    sums: dict[tuple[str, str, str], np.ndarray] = defaultdict(lambda: np.zeros(1 + 2 * len(KS)))
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ranking in rankings(run.rankings):
        _, truth, model, candidates, predicted = ranking
        _check_ranking(run, asked[model, candidates], ranking)
        asked[model, candidates].add(ranking.image)
        near = correct[set_of(candidates), truth]
        sums[model, candidates, truth] += [1.0, *scores(truth, predicted, near)]
    _check_images(run, asked)
    keys = pd.MultiIndex.from_tuples(sums, names=["model", "candidates", "truth"])
    return pd.DataFrame([*sums.values()], keys, ["images", *HITS, *PRECISIONS])


def rankings(file: Path) -> Iterator[Ranking]:
    """Yield every ranking, of which some thousand are in memory at a time."""
    columns = [*Ranking._fields]
    with ParquetFile(_existing(file)) as parquet:
        for block in parquet.iter_batches(BLOCK, columns=columns):
            rows = block.to_pandas()[columns]
            for image, truth, model, candidates, predicted in rows.itertuples(index=False):
                yield Ranking(image, truth, model, candidates, predicted.tolist())


def scores(truth: str, predicted: Sequence[str], near: Sequence[frozenset[str]]) -> list[float]:
    """hit@k, then hierarchical precision@k of one ranking, for each k.

    Precision is divided by k, also where fewer labels are ranked.
    """
    hits = [float(truth in predicted[:k]) for k in KS]
    correct = [sum(wnid in near[n] for wnid in predicted[:k]) for n, k in enumerate(KS)]
    return hits + [number / k for number, k in zip(correct, KS, strict=True)]


def _check_ranking(run: Run, asked: set[str], ranking: Ranking) -> None:
    """Refuse a ranking of no test image of these labels, a second one, and one of other labels."""
    image, truth, model, candidates, predicted = ranking
    told = f"{run.rankings} has a ranking {ranking}"
    if candidates not in run.candidates or run.truth.get(image) not in run.classes(candidates):
        raise ValueError(f"{told}, which is no test image of these labels in index.parquet.")
    if truth != run.truth[image]:
        raise ValueError(f"{told} as one of {truth}; index.parquet says {run.truth[image]}.")
    if image in asked:
        raise ValueError(f"{told} twice.")
    if len(set(predicted)) < len(predicted) or len(predicted) > LONGEST:
        raise ValueError(f"{told} with a label twice, or with more than {LONGEST}.")
    # A softmax names seen labels, whatever the candidates.
    allowed = run.sets[SEEN] if model.startswith("softmax") else run.sets[candidates]
    if not allowed.issuperset(predicted):
        raise ValueError(f"{told} with a label that is no candidate.")


def _check_images(run: Run, asked: Mapping[tuple[str, str], set[str]]) -> None:
    """Refuse a model that did not rank every test image of the labels."""
    if not asked:
        raise ValueError(f"{run.rankings} has no ranking.")
    for (model, candidates), images in asked.items():
        there = int(run.images_by_class(candidates).sum())
        if len(images) < there:
            raise ValueError(
                f"{run.rankings} has rankings of {len(images):,} images by {model} among "
                f"{candidates}; index.parquet has {there:,} test images of these labels."
            )


def figures_of_models(sums: pd.DataFrame) -> dict[str, float]:
    """Means over images and over classes, by their public names."""
    ranked = ["model", "candidates"]
    totals = sums.groupby(level=ranked).sum()
    means = totals[HITS + PRECISIONS].div(totals["images"], axis=0)
    of_classes = sums[HITS].div(sums["images"], axis=0).groupby(level=ranked)
    per_class = of_classes.mean().set_axis(CLASS_HITS, axis=1)
    counts = totals[["images"]].assign(classes=of_classes.size())
    table = pd.concat([means, per_class, counts], axis=1)
    return {
        f"{model}/{candidates}/{metric}": float(value)
        for (model, candidates), row in table.to_dict("index").items()
        for metric, value in row.items()
    }


def chance(run: Run, correct: Correct, candidates: str, left_out: frozenset[str]) -> dict[str, Any]:
    """What labels drawn at random from the candidates would reach, without some true labels."""
    members = run.sets[candidates]
    counts = run.images_by_class(candidates).drop(left_out, errors="ignore")
    found: dict[str, float] = {}
    for n, k in enumerate(KS):
        near = [len(correct[set_of(candidates), truth][n] & members) for truth in counts.index]
        found[HITS[n]] = found[CLASS_HITS[n]] = min(1.0, k / len(members))
        found[PRECISIONS[n]] = float(np.average(near, weights=counts)) / max(k, len(members))
    return {f"chance/{candidates}/{name}": value for name, value in found.items()}


def harmonic_means(figures: Mapping[str, float]) -> dict[str, float]:
    """Of hit@1 per class of the unseen and of the seen, where each is ranked among all labels."""
    found: dict[str, float] = {}
    for name, unseen in figures.items():
        model, candidates, metric = name.split("/")
        seen = figures.get(f"{model}/{AMONG}{set_of(candidates)}/{metric}")
        if metric == CLASS_HITS[0] and candidates.endswith(PLUS) and seen is not None:
            mean = 2 * seen * unseen / (seen + unseen) if seen + unseen else 0.0
            found[f"{model}/{candidates}/harmonic_mean"] = mean
    return found


def figures_without(
    run: Run, correct: Correct, sums: pd.DataFrame, left_out: Mapping[str, frozenset[str]]
) -> dict[str, float]:
    """The figures of each of these candidates, without the images of the labels that it names."""
    found: dict[str, float] = {}
    for candidates, wnids in left_out.items():
        of_these = sums[sums.index.get_level_values("candidates") == candidates]
        kept = of_these[~of_these.index.get_level_values("truth").isin(wnids)]
        if len(kept):
            found |= figures_of_models(kept) | chance(run, correct, candidates, wnids)
    return found | harmonic_means(found)


def sharing_labels(run: Run) -> dict[str, frozenset[str]]:
    """For each of the candidates the labels that share a term with one of the other role.

    Those of a zero-shot set concern the set's own figures, those of any set the figures of `seen`.
    """
    by_term = run.labels[["wnid", "role", "terms"]].explode("terms").drop_duplicates()
    is_seen = by_term["role"] == SEEN
    pairs = by_term[is_seen].merge(by_term[~is_seen], on="terms", suffixes=("_seen", "_unseen"))
    unseen = {name: run.sets[set_of(name)] for name in run.candidates}
    unseen[SEEN] = frozenset().union(*(run.sets[name] for name in run.zero_shot_sets))
    of_each = {name: pairs[pairs["wnid_unseen"].isin(wnids)] for name, wnids in unseen.items()}
    both = {name: {*rows["wnid_seen"], *rows["wnid_unseen"]} for name, rows in of_each.items()}
    return {name: frozenset(wnids) for name, wnids in both.items() if wnids}


def area(seen: np.ndarray, unseen: np.ndarray) -> Bounds:
    """The area below a curve, or its bounds where points between these are missing."""
    widths = seen[:-1] - seen[1:]
    before, after = float(widths @ unseen[:-1]), float(widths @ unseen[1:])
    middle = (before + after) / 2
    return (middle, middle) if len(seen) < KEPT_POINTS else (before, after)


def areas(curves: pd.DataFrame) -> dict[str, Bounds]:
    """The area below each curve, by its name in metrics.json."""
    return {
        f"{model}/{name}/ausuc": area(rows["seen"].to_numpy(), rows["unseen"].to_numpy())
        for (model, name), rows in curves.groupby(["model", "set"], sort=False)
    }


@dataclass(frozen=True)
class Side:
    """The images of the seen classes, or of the unseen ones, by their best labels of both roles.

    Attributes:
        share: What an image adds to the mean over classes where the label of its own role wins;
            0 where that label is not the true one.
        margin: The score of the best seen label less that of the best unseen one.
    """

    share: np.ndarray
    margin: np.ndarray


def answers_of(folder: Path) -> list[Files]:
    """Where rank_images left the scores of all test images; nothing where a part is gone."""
    record = folder / "run.json"
    tasks = json.loads(record.read_text(encoding="utf-8"))["tasks"] if record.is_file() else []
    keys = [task["key"] for task in tasks if task["task"] == "rank_images"]
    parts = [files_of_part(folder, key) for key in keys]
    there = [part for part in parts if part]
    in_order = sorted(there, key=lambda part: part[0])
    return [files for _, files in in_order] if len(there) == len(keys) else []


def files_of_part(folder: Path, key: str) -> tuple[int, Files] | None:
    """The first image of a part, and its files; None where the part is gone."""
    for above in (folder, folder.parent):
        answers = above / "stages" / "rank_images" / key / "answers"
        if (answers / "answers.json").is_file():
            facts = json.loads((answers / "answers.json").read_text(encoding="utf-8"))
            files = {(model, labels): answers / file for model, labels, file in facts["answers"]}
            return facts["first"], files
    return None


def best_labels(
    run: Run, parts: Sequence[Files], model: str, labels: str
) -> tuple[np.ndarray, np.ndarray]:
    """The best label of each image and its score, minus infinity where none can be ranked."""
    wnids = np.array([*sorted(frozenset().union(*run.sets.values())), ""], dtype=object)
    places, scores = (
        np.concatenate([
            np.load(f"{files[model, labels]}.{kind}.npy", mmap_mode="r")[:, 0] for files in parts
        ])
        for kind in ("places", "scores")
    )  # fmt: skip
    return wnids[places], np.where(places < 0, -np.inf, scores.astype(np.float64))


def side(run: Run, parts: Sequence[Files], model: str, name: str, role: str) -> Side:
    """Lay the best seen and the best unseen label of the images of one role side by side.

    Scores that are apart by less than rounding are one: labels of one vector.
    """
    halves = (SEEN, f"{name}.{SEEN}") if role == SEEN else (f"{SEEN}.{name}", name)
    (seen, high), (unseen, low) = (best_labels(run, parts, model, half) for half in halves)
    tied = np.isclose(high, low, rtol=SCORE_ROUNDING, atol=0.0)
    margin = np.subtract(high, low, out=np.zeros_like(high), where=~tied)
    return Side(shares(run, role, seen if role == SEEN else unseen), margin)


def shares(run: Run, classes: str, predicted: np.ndarray) -> np.ndarray:
    """What each image adds to hit@1 per class.

    Raises:
        ValueError: The predicted labels are those of other images.
    """
    there = run.sets[classes]
    truth = pd.Series([wnid for wnid in run.truth.values() if wnid in there], dtype=object)
    if len(truth) != len(predicted):
        raise ValueError(
            f"{run.folder}: rank_images answered to {len(predicted):,} images of {classes}, and "
            f"index.parquet has {len(truth):,}: they are of another run."
        )
    right = predicted == truth.to_numpy()
    found: np.ndarray = right / truth.map(truth.value_counts()).to_numpy() / truth.nunique()
    return found


def at(seen: Side, unseen: Side, penalty: float) -> tuple[float, float]:
    """hit@1 per class of both at a penalty: a seen label wins where its margin is above it."""
    return (
        float(seen.share[seen.margin > penalty].sum()),
        float(unseen.share[unseen.margin <= penalty].sum()),
    )


def whole_area(seen: Side, unseen: Side) -> float:
    """The area below the curve through every penalty, by trapezoids.

    All images at each penalty: the time grows with the square of their number.
    """
    margins = np.concatenate([seen.margin, unseen.margin])
    penalties = [-np.inf, *np.unique(margins[np.isfinite(margins)])]
    points = np.array([at(seen, unseen, penalty) for penalty in penalties])
    return float(np.trapezoid(points[::-1, 1], points[::-1, 0]))


def curves_again(run: Run) -> tuple[dict[str, Bounds], list[Figure]]:
    """Compute curves from the scores, where these are there: areas, and points beside points."""
    parts = answers_of(run.folder)
    if not parts:
        return areas(run.curves), []
    found, points = {}, []
    for (model, name), rows in run.curves.groupby(["model", "set"], sort=False):
        seen, unseen = (side(run, parts, model, name, role) for role in (SEEN, name))
        area_again = whole_area(seen, unseen)
        found[f"{model}/{name}/ausuc"] = (area_again, area_again)
        for penalty, *told in rows[["penalty", "seen", "unseen"]].itertuples(index=False):
            for role, value, again in zip(ROLES, told, at(seen, unseen, penalty), strict=True):
                figure = f"{model}/{name}/{role} at penalty {penalty!r}"
                points.append(Figure(CURVES, figure, value, (again, again)))
    return found, points


def ends(curves: pd.DataFrame, figures: Mapping[str, float]) -> Iterator[Figure]:
    """Both ends of each curve: the seen labels among themselves, and the unseen ones."""
    for (model, name), rows in curves.groupby(["model", "set"], sort=False):
        for side, labels, told in (
            ("seen", SEEN, rows["seen"].iloc[0]),
            ("unseen", name, rows["unseen"].iloc[-1]),
        ):
            again = figures.get(f"{model}/{labels}/{CLASS_HITS[0]}")
            bounds = None if again is None else (again, again)
            yield Figure(CURVES, f"{model}/{name}/end_{side}", float(told), bounds)


def figures_again(folder: Path) -> list[Figure]:
    """Compute the figures of a run again, and lay them beside what its files say.

    Raises:
        ValueError: A file is missing, or the rankings are not those of the run's test images.
    """
    run = read_run(folder)
    correct = correct_sets(run)
    sums = sums_by_class(run, correct)
    figures = figures_without(run, correct, sums, dict.fromkeys(run.candidates, frozenset()))
    without = figures_without(run, correct, sums, sharing_labels(run))
    of_the_run = {
        "label_space/without_vector": float((run.labels["target_source"] == "none").sum())
    }
    below, points = curves_again(run)
    return [
        *beside(folder / "metrics.json", _known(figures | of_the_run) | below),
        *beside(folder / "without_shared_terms.json", _known(without)),
        *ends(run.curves, figures),
        *points,
    ]


def _known(figures: Mapping[str, float]) -> dict[str, Bounds]:
    return {name: (value, value) for name, value in figures.items()}


def beside(file: Path, again: Mapping[str, Bounds]) -> Iterator[Figure]:
    """Lay the figures of a file beside those computed, whatever either side has."""
    told = json.loads(_existing(file).read_text(encoding="utf-8"))
    for name in [*told, *(name for name in again if name not in told)]:
        yield Figure(file.name, name, told.get(name), again.get(name))


VERDICTS = ("equal", "to 1e-9", "within bounds", "not computed", "differ")
HEADS = ("in the files", "computed again", *VERDICTS, "largest difference")


def row(title: str, figures: Sequence[Figure]) -> str:
    """A line of a table: what became of some figures."""
    verdicts = [figure.verdict for figure in figures]
    counts = [
        sum(figure.told is not None for figure in figures),
        sum(figure.again is not None for figure in figures),
        *map(verdicts.count, VERDICTS),
    ]
    largest = np.nanmax([0.0, *(figure.difference for figure in figures)])
    return f"| {title} | {' | '.join(f'{count:,}' for count in counts)} | {largest:.1e} |"


def print_table(what: str, rows: Mapping[str, Sequence[Figure]]) -> None:
    """Print a Markdown table with a row for each title."""
    print(f"| {what} | {' | '.join(HEADS)} |")
    print(f"| --- |{' ---: |' * len(HEADS)}")
    for title, figures in rows.items():
        print(row(title, figures))


def by_kind(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """The figures of each kind, and all together."""
    found: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        found[" ".join(figure.kind.split())].append(figure)
    return {**found, "all": [figure for each in found.values() for figure in each]}


def name_differing(where: str, figures: Iterable[Figure]) -> None:
    """Name the figures that differ, the first of many."""
    differing = [figure for figure in figures if figure.verdict == "differ"]
    for figure in differing[:NAMED]:
        print(f"differs: {where}{figure}")
    if len(differing) > NAMED:
        print(f"{where}and {len(differing) - NAMED:,} more")


def asked_runs(arguments: Sequence[str] | None) -> list[Path]:
    """Read the command line."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    told = "folder of a finished run; several get a line each"
    asked.add_argument("runs", nargs="+", type=Path, metavar="RUN_FOLDER", help=told)
    runs: list[Path] = asked.parse_args(arguments).runs
    return runs


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what became of every figure; 1 where any differs."""
    try:
        found = {str(folder): figures_again(folder) for folder in asked_runs(arguments)}
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    [first, *others] = found.values()
    print_table("run" if others else "figures", found if others else by_kind(first))
    for folder, figures in found.items():
        name_differing(f"{folder}: " if others else "", figures)
    return int(any(figure.verdict == "differ" for each in found.values() for figure in each))


if __name__ == "__main__":
    sys.exit(main())
