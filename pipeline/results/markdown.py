"""The tables of a finished run, or of several seeds of it, as Markdown for docs/results.md."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any, cast

from components.shared.artifacts.evaluation import WITHOUT_FILE, order_by_name
from components.shared.artifacts.model_names import name_of
from components.shared.artifacts.word_quality import quality_rows
from components.shared.artifacts.word_vectors import FACTS_FILE
from components.shared.markdown import escaped, table
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION, KS
from components.shared.ranking.published import PublishedRow, published_rows
from components.shared.statistics.claims import claim_about
from components.shared.statistics.confidence import Confidence
from components.shared.statistics.scores import PER_CLASS_METRICS
from pipeline.local.repeats import SEED, metrics_together, repeat_folder, repeats_in
from pipeline.results.generalised import (
    generalised_part,
    without_shared_terms_part,
    zero_shot_sets_of,
)
from pipeline.results.labels import is_ranked
from pipeline.results.table import candidates_of, comparison_table

PHASE_1 = "_phase_1"

COLUMNS = [f"{FLAT_HIT}{k}" for k in KS] + [f"{HIERARCHICAL_PRECISION}{k}" for k in KS if k > 1]
HEAD = [f"hit@{k}" for k in KS] + [f"hp@{k}" for k in KS if k > 1]
TESTED = [f"{FLAT_HIT}{k}" for k in (1, 10, 20)]
TESTED += [f"{HIERARCHICAL_PRECISION}{k}" for k in (5, 10, 20)]


Tables = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], str]
"""Shows means, and what is in each confidence.json."""


def results_text(output: Path) -> str:
    """Markdown tables of what a run left.

    A figure is the mean over the seeds, with its standard deviation and, in brackets, the mean of
    the seeds' 95 % bootstrap bounds. A difference is bold where it is a claim that every seed's
    corrected test tells on the same side. A model is left out where it is its own
    phase 1 to the last figure.

    Args:
        output: Folder of a run, or of the runs of several seeds.

    Raises:
        ValueError: No finished run is there.
    """
    return _results(output, tables)


def _results(output: Path, show: Tables) -> str:
    folders = run_folders(output)
    means = metrics_together([_read(folder / "metrics.json") for folder in folders])
    shown = show(means, [_confidence(folder) for folder in folders])
    parts = [shown, *_without_shared_terms(means, folders), words_part(folders)]
    return "\n\n".join(part for part in parts if part)


def tables(means: Mapping[str, Any], confidence: Sequence[Mapping[str, Any]]) -> str:
    """Markdown tables of figures, and of paired differences and claims where any were tested.

    Args:
        means: For each figure its `mean` and `standard_deviation`.
        confidence: Content of each confidence.json; none: nothing was tested.
    """
    candidates = sorted(
        {key.split("/")[1] for key in means if key.count("/") == 2},
        key=lambda name: (name != "seen", name),
    )
    figures = _means(means)
    parts: list[str] = []
    for name in candidates:
        parts += [_comparison(name, means, figures, confidence), per_class_part(name, figures)]
    parts += _generalised(means, figures)
    if confidence:
        parts += [_differences(name, figures, confidence) for name in candidates]
        parts.append(claims_part(confidence))
    return "\n\n".join(part for part in parts if part)


def results_tables(output: Path) -> str:
    """Plain tables of what a run left; figures are means over the seeds.

    Args:
        output: Folder of a run, or of the runs of several seeds.

    Raises:
        ValueError: No finished run is there.
    """
    return _results(output, plain_tables)


def plain_tables(means: Mapping[str, Any], confidence: Sequence[Mapping[str, Any]]) -> str:
    """Plain tables of figures, and of the claims where any were tested.

    Args:
        means: For each figure its `mean` and `standard_deviation`.
        confidence: Content of each confidence.json; none: nothing was tested.
    """
    figures = _means(means)
    by_class = [per_class_part(name, figures) for name in candidates_of(figures)]
    parts = [comparison_table(figures), *by_class]
    parts += _generalised(means, figures)
    return "\n\n".join(part for part in [*parts, claims_part(confidence)] if part)


def _generalised(means: Mapping[str, Any], figures: Mapping[str, float]) -> list[str]:
    """Tables of seen and unseen together."""
    spreads = {name: cast(float, found["standard_deviation"]) for name, found in means.items()}
    return [generalised_part(name, figures, spreads) for name in zero_shot_sets_of(figures)]


def _without_shared_terms(means: Mapping[str, Any], folders: Sequence[Path]) -> list[str]:
    """Tables without the classes that share a term, where there are such."""
    files = [folder / WITHOUT_FILE for folder in folders]
    # Runs that are older have no such file.
    found = [_read(file) for file in files if file.is_file()]
    without = _means(metrics_together(found)) if found else {}
    figures = _means(means)
    sets = zero_shot_sets_of(figures)
    return [without_shared_terms_part(name, figures, without) for name in sets]


def _means(means: Mapping[str, Any]) -> dict[str, float]:
    return {name: cast(float, found["mean"]) for name, found in means.items()}


def run_folders(output: Path) -> list[Path]:
    """Folders with the results of each seed; the folder itself where there is one run.

    Raises:
        ValueError: No finished run is there.
    """
    if seeds := repeats_in(output, SEED):
        return [repeat_folder(output, SEED, seed) for seed in seeds]
    if not (output / "metrics.json").is_file():
        raise ValueError(f"{output} has no metrics.json: give the --output of a finished run.")
    return [output]


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _confidence(folder: Path) -> Mapping[str, Any]:
    """How sure a run is of its figures; empty is what an older one did not write yet."""
    return asdict(Confidence(**_read(folder / "confidence.json")))


def _comparison(
    candidates: str,
    means: Mapping[str, Any],
    figures: Mapping[str, float],
    confidence: Sequence[Mapping[str, Any]],
) -> str:
    answered = [key.split("/")[0] for key in means if key.endswith(f"/{candidates}/{COLUMNS[0]}")]
    kept = [model for model in answered if not _is_final_too(model, candidates, means)]
    ks = [column for column in COLUMNS if is_ranked(figures, candidates, column)]
    models = order_by_name(kept)
    rows = [[name_of(model), *_cells(model, candidates, ks, means, confidence)] for model in models]
    published = [_published(row) for row in published_rows(candidates)]
    return f"### {candidates}\n\n{table(['model', *HEAD], [*rows, *published])}"


def per_class_part(candidates: str, figures: Mapping[str, float]) -> str:
    """A table of hits as means over classes; empty where the run has none.

    Args:
        candidates: The candidate set.
        figures: Means over the seeds by their public names.
    """
    end = f"/{candidates}/{PER_CLASS_METRICS[0]}"
    answered = [key.split("/")[0] for key in figures if key.endswith(end)]
    kept = [model for model in answered if not _is_final_too(model, candidates, figures)]
    rows = [
        [
            name_of(model),
            *(_per_class(model, candidates, name, figures) for name in PER_CLASS_METRICS),
        ]
        for model in order_by_name(kept)
    ]
    head = ["model", *(f"hit@{k}" for k in KS)]
    return f"### {candidates}: means over classes\n\n{table(head, rows)}" if rows else ""


def _per_class(model: str, candidates: str, name: str, figures: Mapping[str, float]) -> str:
    found = figures.get(f"{model}/{candidates}/{name}")
    if found is None or not is_ranked(figures, candidates, name):
        return "–"
    return f"{100 * found:.1f}"


def words_part(folders: Sequence[Path]) -> str:
    """A table of what the word vectors have of meaning; empty where the runs do not tell.

    Args:
        folders: A run's, or those of several seeds, each of which has a column.
    """
    files = [folder / FACTS_FILE for folder in folders]
    if not all(file.is_file() for file in files):
        return ""
    found = [dict(quality_rows(_read(file).get("quality", {}))) for file in files]
    rows = [[name, *(escaped(one.get(name, "")) for one in found)] for name in found[0]]
    head = ["word vectors", *(file.parent.name if len(files) > 1 else "" for file in files)]
    return f"### word vectors\n\n{table(head, rows, len(head))}" if rows else ""


def claims_part(confidence: Sequence[Mapping[str, Any]]) -> str:
    """A table of the claims with their corrected p, and of those left out with the reason.

    Args:
        confidence: Content of each seed's confidence.json; of several seeds each p is given.
    """
    made = dict.fromkeys(key for seed in confidence for key in seed["claims"])
    rows = [_claim(key, confidence) for key in made]
    left_out = {k: v for seed in confidence for k, v in seed["claims_left_out"].items()}
    rows += [[key, "–", "–", "–", why] for key, why in left_out.items() if key not in made]
    head = ["claim", "against", "difference", "p, corrected", "told"]
    return f"### claims\n\n{table(head, rows)}" if rows else ""


def _claim(key: str, confidence: Sequence[Mapping[str, Any]]) -> list[str]:
    found = [seed["claims"][key] for seed in confidence if key in seed["claims"]]
    sides = {claim["difference"] > 0 for claim in found}
    told = all(claim["told"] for claim in found) and len(found) == len(confidence)
    told = told and len(sides) == 1
    mean = fmean(claim["difference"] for claim in found)
    text = f"{100 * mean:+.1f}" if FLAT_HIT in key else f"{mean:+.3f}"
    against = ", ".join(dict.fromkeys(name_of(claim["baseline"]) for claim in found))
    ps = ", ".join(f"{claim['p_holm']:.3f}" for claim in found)
    return [key, against, f"**{text}**" if told else text, ps, "yes" if told else "no"]


def _is_final_too(model: str, candidates: str, means: Mapping[str, Any]) -> bool:
    """Whether a phase 1 is what was kept in the end."""
    final = model.removesuffix(PHASE_1)
    return final != model and all(
        means.get(f"{model}/{candidates}/{column}") == means.get(f"{final}/{candidates}/{column}")
        for column in COLUMNS
    )


def _cells(
    model: str,
    candidates: str,
    ranked: Sequence[str],
    means: Mapping[str, Any],
    confidence: Sequence[Mapping[str, Any]],
) -> list[str]:
    """The figures of a model; a dash in columns of which the k is beyond the labels there are."""
    return [
        _cell(f"{model}/{candidates}/{column}", means, confidence) if column in ranked else "–"
        for column in COLUMNS
    ]


def _cell(key: str, means: Mapping[str, Any], confidence: Sequence[Mapping[str, Any]]) -> str:
    if key not in means:
        return ""
    bounds = [found["intervals"][key] for found in confidence if key in found["intervals"]]
    low, high = (fmean(bound[end] for bound in bounds) if bounds else 0.0 for end in (0, 1))
    interval = f" ({_figure(key, low)}–{_figure(key, high)})" if high > low else ""
    spread = means[key]["standard_deviation"]
    return (
        _figure(key, means[key]["mean"])
        + (f" ±{_figure(key, spread)}" if spread else "")
        + interval
    )


def _figure(key: str, value: float) -> str:
    """Per cent with one digit for hits; three digits for hierarchical precision."""
    return f"{100 * value:.1f}" if FLAT_HIT in key else f"{value:.3f}"


def _published(row: PublishedRow) -> list[str]:
    name = f"*{row.source}: {name_of(row.model)}{f' {row.dim}' if row.dim else ''}*"
    hits = [row.flat_hit_at.get(k) for k in KS]
    precisions = [row.hierarchical_precision_at.get(k) for k in KS if k > 1]
    figures = zip(COLUMNS, [*hits, *precisions], strict=True)
    return [name, *("" if value is None else f"*{_figure(key, value)}*" for key, value in figures)]


def _differences(
    candidates: str, figures: Mapping[str, float], confidence: Sequence[Mapping[str, Any]]
) -> str:
    """Differences of the DeViSE models to their baselines, the mean over the seeds."""
    pairs = dict.fromkeys(
        key.split("/")[0] for key in confidence[0]["paired"] if key.split("/")[1] == candidates
    )
    tested = [name for name in TESTED if is_ranked(figures, candidates, name)]
    rows = [
        [" − ".join(map(name_of, pair.split("_vs_"))), *cells]
        for pair in pairs
        if _is_shown(*pair.split("_vs_"))
        and any(
            cells := [_difference(f"{pair}/{candidates}/{name}", confidence) for name in tested]
        )
    ]
    head = ["difference", *(_short(name) for name in tested)]
    return f"### {candidates}: paired differences\n\n{table(head, rows)}" if rows else ""


def _is_shown(model: str, baseline: str) -> bool:
    """The strongest softmax stands for all, and only a model's own phase 1 counts."""
    if baseline.startswith("softmax"):
        return False
    return not baseline.endswith(PHASE_1) or baseline == model + PHASE_1


def _short(metric: str) -> str:
    return metric.replace(FLAT_HIT, "hit@").replace(HIERARCHICAL_PRECISION, "hp@")


def _difference(key: str, confidence: Sequence[Mapping[str, Any]]) -> str:
    found = [seed["paired"][key] for seed in confidence if key in seed["paired"]]
    lows, highs = ([test["interval"][end] for test in found] for end in (0, 1))
    if not any(lows) and not any(highs):
        return ""
    low, high, mean = fmean(lows), fmean(highs), fmean(test["difference"] for test in found)
    sign = "**" if _is_told(key, confidence) else ""
    text = f"{100 * mean:+.1f}" if FLAT_HIT in key else f"{mean:+.3f}"
    return f"{sign}{text}{sign} ({_figure(key, low)} to {_figure(key, high)})"


def _is_told(key: str, confidence: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every seed's corrected test tells this claim, on the same side."""
    pair, _, end = key.partition("/")
    model, _, baseline = pair.partition("_vs_")
    claims = [claim_about(seed["claims"], model, baseline, end) for seed in confidence]
    told = [claim["difference"] > 0 for claim in claims if claim and claim["told"]]
    return len(told) == len(confidence) and len(set(told)) == 1
