"""The evaluation artifact: every ranking, the figures made from them, and the models' names.

Written once by evaluate and read by the stages after it: predictions.parquet (every ranking of
every model, for anyone to compute the figures again), metrics.json, confidence.json and
evaluation.json. Frome et al. 2013, section 4, compares DeViSE with the softmax and with random
vectors. Here the softmax that was trained on for as long as DeViSE, ConSE over the same vectors
and DeViSE as phase 1 leaves it are there too.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.artifacts.candidate_sets import PLUS_SEEN, CandidateSet
from components.shared.ranking.made import Made
from components.shared.storage.atomic import write_json

METRICS_FILE = "metrics.json"
CONFIDENCE_FILE = "confidence.json"
PREDICTIONS_FILE = "predictions.parquet"
COSINES_FILE = "cosines.parquet"
"""Row by row those of the predictions."""
FACTS_FILE = "evaluation.json"
CURVES_FILE = "calibration.parquet"
"""The seen-unseen curve of each model and zero-shot set: model, set, penalty, seen, unseen."""
WITHOUT_FILE = "without_shared_terms.json"
"""Figures as in metrics.json, without the classes that share a term with one of the other role."""

SOFTMAX, CONTINUED = "softmax", "softmax_continued"
DEVISE, RANDOM, CONSE = "devise", "random", "conse"
SOFTMAX_HIERARCHY, CONSE_HIERARCHY = "softmax_hierarchy", "conse_hierarchy"
"""These two read the hierarchy and no words."""
SOFTMAXES = (SOFTMAX, CONTINUED, SOFTMAX_HIERARCHY)
EXEM, ESZSL, DGP = "exem", "eszsl", "dgp"
KINDS = (SOFTMAX, DEVISE, RANDOM, CONSE, EXEM, ESZSL, DGP)
"""What the names of the rows of a kind begin with, in the order of every table."""
CHANCE = "chance"
"""In metrics: what labels drawn at random would reach."""
BETTER_SOFTMAX = "better_softmax"
"""In paired tests: whichever of the softmaxes has the highest figure."""
LABEL_SPACE = "label_space"
"""In metrics: what the figures of the label space itself begin with."""
WITHOUT_VECTOR = f"{LABEL_SPACE}/without_vector"
"""In metrics: how many labels have no vector."""
CONTAMINATED = "zero_shot_contaminated"
"""In metrics, where it is so: the visual network's weights had seen zero-shot classes."""
VISUAL = "visual"
"""In the report's histories: the visual model that everything starts from."""
NO_MODELS = (CHANCE, BETTER_SOFTMAX, LABEL_SPACE, CONTAMINATED, VISUAL)
"""Names that stand where those of models do, and that no model may have."""

Answers = Mapping[tuple[str, str], np.ndarray]
"""For (model, candidates) the wnids of each tested image, best first, object [images, 20]."""

Cosines = Mapping[tuple[str, str], np.ndarray]
"""For (model, candidates) the cosines of those wnids, float32 [images, 20], NaN without one."""

WIDTH = 20
"""Labels of a ranking."""
ROWS_TOGETHER = 1 << 20
"""Rows that are written together, a row group: the wnids of a list of lists are 2 GiB at most."""
COSINE_DIGITS = 3
"""Digits that a cosine is kept with: enough to read, and a tenth of the bytes."""
SCHEMA = pa.schema(
    [
        ("image", pa.string()),
        ("truth", pa.string()),
        ("model", pa.string()),
        ("candidates", pa.string()),
        ("predicted", pa.list_(pa.string())),
    ]
)
COSINES_SCHEMA = pa.schema([("cosines", pa.list_(pa.float32()))])
_FILES = (
    *(METRICS_FILE, CONFIDENCE_FILE, FACTS_FILE, WITHOUT_FILE),
    *(PREDICTIONS_FILE, COSINES_FILE, CURVES_FILE),
)
CURVES_SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("set", pa.string()),
        ("penalty", pa.float64()),
        ("seen", pa.float64()),
        ("unseen", pa.float64()),
    ]
)
_PHASE_1 = "_phase_1"
_CALIBRATED = "_calibrated"


@dataclass(frozen=True)
class Evaluation:
    """Content of the artifact.

    Attributes:
        metrics: The figures under their public names.
        confidence: `intervals` by figure, [low, high]; `paired` tests by
            `<model>_vs_<baseline>/<candidates>/<metric>`; `samples`.
        facts: What was compared and with which parameters.
        answers: Every ranking; each is read when it is asked for, and so are the next two.
        cosines: Of the labels ranked by cosine; NaN for the softmaxes, which have none.
        images: For each candidates value the paths of the tested images, in the order of the
            rankings.
        without: The figures without the classes that share a term.
        curves: The seen-unseen curves, a row a point: model, set, penalty, seen, unseen.
    """

    metrics: Mapping[str, float]
    confidence: Mapping[str, Any]
    facts: Mapping[str, Any]
    answers: Answers
    cosines: Cosines
    images: Mapping[str, Sequence[str]]
    without: Mapping[str, float]
    curves: pd.DataFrame

    @property
    def models(self) -> tuple[str, ...]:
        """Every model, in the order of the tables."""
        return tuple(self.facts["models"])

    @property
    def zero_shot_sets(self) -> list[str]:
        """Names of the zero-shot sets, in the order they were asked for."""
        return [name for name in self.images if name + PLUS_SEEN in self.images]


def write_predictions(
    folder: Path,
    answers: Mapping[tuple[str, str], np.ndarray],
    models: Sequence[str],
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
    cosines: Mapping[tuple[str, str], np.ndarray],
) -> None:
    """Write image, truth, model, candidates and the predicted wnids, best first, a row each.

    Their cosines stand in a file beside it, in the same rows; empty for a model that has none. A
    row group is of one model and candidate set.

    Args:
        folder: Of the artifact.
        answers: The ranking of every tested image, as in `Answers`; one after the other is asked
            for.
        models: The models, in the order of the rows.
        sets: The candidate sets.
        frame: Image index rows that the sets' masks belong to.
        cosines: Of the wnids.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        pq.ParquetWriter(folder / PREDICTIONS_FILE, SCHEMA) as writer,
        pq.ParquetWriter(folder / COSINES_FILE, COSINES_SCHEMA) as beside,
    ):
        for candidates in sets:
            tested = frame[candidates.images]
            for model in (name for name in models if (name, candidates.name) in answers):
                rankings = answers[model, candidates.name]
                for rows in _together(rankings):
                    table = _table(tested[rows], model, candidates.name, rankings[rows])
                    writer.write_table(table)
                near = cosines[model, candidates.name]
                for rows in _together(near):
                    beside.write_table(_beside(near[rows]))


def write_figures(
    folder: Path,
    metrics: Mapping[str, float],
    confidence: Mapping[str, Any],
    facts: Mapping[str, Any],
    without: Mapping[str, float],
) -> None:
    """Write metrics.json, confidence.json, without_shared_terms.json and evaluation.json.

    Args:
        folder: Of the artifact.
        metrics: The figures under their public names.
        confidence: Intervals and paired tests.
        facts: What was compared and with which parameters; `models` in the order of the tables.
        without: The figures without the classes that share a term.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / METRICS_FILE, metrics, sort_keys=True)
    write_json(folder / CONFIDENCE_FILE, confidence, sort_keys=True)
    write_json(folder / FACTS_FILE, facts, sort_keys=True)
    write_json(folder / WITHOUT_FILE, without, sort_keys=True)


def no_curves() -> pd.DataFrame:
    """Return the seen-unseen curves of no model: columns model, set, penalty, seen, unseen."""
    return CURVES_SCHEMA.empty_table().to_pandas()


def write_curves(folder: Path, curves: pd.DataFrame) -> None:
    """Write calibration.parquet.

    Args:
        folder: Of the artifact.
        curves: A row a point: model, set, penalty, seen, unseen.
    """
    table = pa.Table.from_pandas(curves, schema=CURVES_SCHEMA, preserve_index=False)
    pq.write_table(table, folder / CURVES_FILE)


def read_evaluation(folder: Path) -> Evaluation:
    """Read the artifact; its rankings, cosines and images when they are asked for.

    Raises:
        ValueError: A file of it is missing from the folder.
    """
    for name in _FILES:
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is no whole evaluation: {name} is missing.")
    answers, cosines, images = _read_predictions(folder)
    confidence, facts = _read_json(folder / CONFIDENCE_FILE), _read_json(folder / FACTS_FILE)
    without = dict(_read_json(folder / WITHOUT_FILE))
    curves = pd.read_parquet(folder / CURVES_FILE)
    metrics = read_metrics(folder)
    return Evaluation(metrics, confidence, facts, answers, cosines, images, without, curves)


def read_metrics(folder: Path) -> dict[str, float]:
    """Read the figures alone, by their public names."""
    return dict(_read_json(folder / METRICS_FILE))


def figures_of_model(metrics: Mapping[str, float], model: str) -> dict[str, float]:
    """The figures of one model, by candidates and metric.

    Args:
        metrics: Content of metrics.json.
        model: Its name there.
    """
    prefix = f"{model}/"
    return {
        name.removeprefix(prefix): value
        for name, value in metrics.items()
        if name.startswith(prefix)
    }


def _together(every: np.ndarray) -> Iterator[slice]:
    """The rows of each row group."""
    for start in range(0, len(every), ROWS_TOGETHER):
        yield slice(start, start + ROWS_TOGETHER)


def _table(tested: pd.DataFrame, model: str, candidates: str, rankings: np.ndarray) -> pa.Table:
    columns = {
        "image": tested["path"].tolist(),
        "truth": tested["wnid"].tolist(),
        "model": [model] * len(tested),
        "candidates": [candidates] * len(tested),
        "predicted": _lists(rankings, pd.notna(rankings)),
    }
    return pa.table(columns, schema=SCHEMA)


def _lists(table: np.ndarray, is_there: np.ndarray) -> pa.ListArray:
    """The values of each row that are there, [rows, columns], as lists."""
    ends = np.concatenate([[0], np.cumsum(is_there.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(table[is_there]))


def _beside(cosines: np.ndarray) -> pa.Table:
    rounded = np.round(cosines.astype(np.float32), COSINE_DIGITS)
    columns = {"cosines": _lists(rounded, ~np.isnan(rounded))}
    return pa.table(columns, schema=COSINES_SCHEMA)


def _read_predictions(folder: Path) -> tuple[Answers, Cosines, Mapping[str, Sequence[str]]]:
    """Find rankings, cosines and images; one is read when it is asked for, and is not kept."""
    ranked, beside = folder / PREDICTIONS_FILE, folder / COSINES_FILE
    groups = _row_groups(ranked)
    # Every model has the same images for one candidates value.
    of_first: dict[str, list[int]] = {}
    for (_, candidates), numbers in groups.items():
        of_first.setdefault(candidates, numbers)

    def answers(key: tuple[str, str]) -> np.ndarray:
        return np.concatenate(list(map(rankings_in, _column(ranked, groups[key], "predicted"))))

    def cosines(key: tuple[str, str]) -> np.ndarray:
        return np.concatenate(list(map(_cosines, _column(beside, groups[key], "cosines"))))

    def images(candidates: str) -> list[str]:
        parts = _column(ranked, of_first[candidates], "image")
        return [path for part in parts for path in part.to_pylist()]

    return Made(groups, answers), Made(groups, cosines), Made(of_first, images)


def _row_groups(file: Path) -> dict[tuple[str, str], list[int]]:
    """Return which row groups each model and candidates value has; none is of two."""
    groups: dict[tuple[str, str], list[int]] = {}
    with pq.ParquetFile(file) as parquet:
        for number in range(parquet.num_row_groups):
            [first] = next(parquet.iter_batches(1, [number], ["model", "candidates"])).to_pylist()
            groups.setdefault((first["model"], first["candidates"]), []).append(number)
    return groups


def _column(file: Path, groups: Sequence[int], name: str) -> Iterator[pa.Array]:
    """Read a column one row group after the other."""
    with pq.ParquetFile(file) as parquet:
        for number in groups:
            yield parquet.read_row_group(number, [name])[name].combine_chunks()


def rankings_in(predicted: pa.ListArray) -> np.ndarray:
    """Return lists of wnids as one object array [images, 20], filled up with None."""
    lengths = predicted.value_lengths().to_numpy()
    flat = predicted.flatten().dictionary_encode()
    wnids = np.array(flat.dictionary.to_pylist(), dtype=object)
    table = np.full((len(predicted), WIDTH), None, dtype=object)
    table[np.arange(WIDTH) < lengths[:, None]] = wnids[flat.indices.to_numpy()]
    return table


def _cosines(found: pa.ListArray) -> np.ndarray:
    """Return lists of cosines as one array [images, 20], filled up with NaN."""
    lengths = found.value_lengths().to_numpy()
    table = np.full((len(found), WIDTH), np.nan, dtype=np.float32)
    table[np.arange(WIDTH) < lengths[:, None]] = found.flatten().to_numpy()
    return table


def _read_json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def phase_1_of(model: str) -> str:
    """Return what a DeViSE model is called as phase 1 leaves it."""
    return f"{model}{_PHASE_1}"


def is_phase_1(model: str) -> bool:
    """Return whether a model is one as phase 1 leaves it."""
    return model.endswith(_PHASE_1)


def after_phase_2(model: str) -> str:
    """Return what a DeViSE model as phase 1 leaves it is called in the end; others unchanged."""
    return model.removesuffix(_PHASE_1)


def calibrated_of(model: str) -> str:
    """Return what a model is called whose seen labels' scores are lessened by a penalty."""
    return f"{model}{_CALIBRATED}"


def is_calibrated(model: str) -> bool:
    """Return whether a model is one whose seen labels' scores are lessened by a penalty."""
    return model.endswith(_CALIBRATED)


def before_calibration(model: str) -> str:
    """Return what a calibrated model is made from; others unchanged."""
    return model.removesuffix(_CALIBRATED)


def conse_over(model: str) -> str:
    """Return what ConSE over the label space of `devise` or a variant is called."""
    return _over(CONSE, model)


def exem_over(model: str) -> str:
    """Return what EXEM over the label space of `devise` or a variant is called."""
    return _over(EXEM, model)


def eszsl_over(model: str) -> str:
    """Return what ESZSL over the label space of `devise` or a variant is called."""
    return _over(ESZSL, model)


def _over(baseline: str, model: str) -> str:
    own = model.removeprefix(f"{DEVISE}_")
    return baseline if model == DEVISE else f"{baseline}_{own}"


def table_order(answered: Collection[str], variants: Sequence[str]) -> tuple[str, ...]:
    """Return the models that answered, in the order of every table.

    Kind by kind, as `KINDS` has them, what is calibrated behind all others.

    Args:
        answered: Names of the models.
        variants: Names of the further DeViSE models, in their order.
    """
    return tuple(model for model in _every_name(variants) if model in answered)


def order_by_name(models: Collection[str]) -> list[str]:
    """Return models in the order of every table where nobody says which variants there are.

    Variants then stand by their names; `chance` comes last.

    Args:
        models: Names of the models.
    """
    bases = {after_phase_2(before_calibration(model)) for model in models} - {CHANCE}
    variants = {base for base in bases if kind_of(base) in (DEVISE, RANDOM)}
    known = table_order(models, sorted(variants - {DEVISE, RANDOM}))
    return [*known, *sorted(set(models) - set(known), key=lambda model: (model == CHANCE, model))]


def check_variants(variants: Sequence[str]) -> None:
    """Refuse variants under whose names two models, or a model and other figures, would meet.

    Raises:
        ValueError: A name, or one that is made from it, is taken.
    """
    names = [*_every_name(variants), *NO_MODELS]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Two of the compared rows would be called {name!r}: give every one of "
                "devise_variants a name of its own."
            )


def baselines_of(model: str, models: Collection[str]) -> list[str]:
    """Return what a DeViSE model is tested against, of the models there are.

    The baselines of every kind, `devise` before and after phase 2, and what has the same options
    as the model or its vectors.

    Args:
        model: `devise` or a variant.
        models: Names of all models.
    """
    common = [*SOFTMAXES, RANDOM, CONSE, CONSE_HIERARCHY, EXEM, ESZSL, DGP, phase_1_of(DEVISE)]
    alike = [DEVISE, phase_1_of(model), random_of(model), without_text(model)]
    own = [*alike, conse_over(model), exem_over(model), eszsl_over(model)]
    return [name for name in dict.fromkeys([*common, *own]) if name in models and name != model]


def without_text(model: str) -> str:
    """Return what a DeViSE model is called that has random vectors in place of every word's."""
    return f"{model}_no_text"


def random_of(model: str) -> str:
    """Return what a DeViSE model is called that has random label vectors and all else alike."""
    return _over(RANDOM, model)


def is_of_kind(model: str, kind: str) -> bool:
    """Return whether a model is a row of a kind: by its name, or by what its name begins with."""
    return model == kind or model.startswith(f"{kind}_")


def kind_of(model: str) -> str:
    """Return the kind of a model; a variant of any other name is a DeViSE model."""
    return next((kind for kind in KINDS if is_of_kind(model, kind)), DEVISE)


def _every_name(variants: Sequence[str]) -> list[str]:
    drawn = [name for name in variants if is_of_kind(name, RANDOM)]
    trained = [DEVISE, *(name for name in variants if name not in drawn), RANDOM, *drawn]
    phases = [name for model in trained for name in (model, phase_1_of(model))]
    spaces = [DEVISE, *variants]
    over = [name(model) for name in (exem_over, eszsl_over) for model in spaces]
    others = [*map(conse_over, spaces), CONSE_HIERARCHY, *over, DGP]
    calibrated = map(calibrated_of, [*trained, *others])
    return [*SOFTMAXES, *phases, *others, *calibrated]
