"""Parameters of the baselines and of CSLS, each a row of rankers over an inner split's features."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import product

import numpy as np
import torch
from tuning_models import (
    IMAGES_TOGETHER,
    Layer,
    Rankers,
    Split,
    Values,
    after,
    projected,
    projection,
)

from components.fit_baselines.closed_forms import TrainingImages, eszsl_of, exem_of, lesson_of
from components.fit_baselines.graph_network import Sources, dgp_of
from components.rank_images.conse_hierarchy import conse_hierarchy
from components.rank_images.hops import Hops, hops_between
from components.rank_images.softmax_hierarchy import softmax_hierarchy_ranker
from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.label_space import LabelSpace
from components.shared.baselines.dgp import dgp_scorer
from components.shared.baselines.eszsl import eszsl_scorer
from components.shared.baselines.exem import exem_scorer
from components.shared.baselines.scoring import Scorer, ranker_of
from components.shared.ranking.csls import crowding
from components.shared.ranking.rankers import conse_ranker, label_ranker, softmax_ranker
from components.shared.settings.baselines import BaselinesSettings
from components.shared.settings.parameter import Value
from components.shared.settings.table import group_of

ScorerOf = Callable[[CandidateSet], Scorer]
Grid = Mapping[str, Sequence[Value]]
GRIDS: Mapping[str, Grid] = {
    "exem": {
        "bandwidth": (0.25, 0.5, 1.0),
        "ridge": (0.01, 0.1, 1.0, 3.0, 10.0),
        "standardised": (False, True),
    },
    "eszsl": {
        "gamma": (0.01, 0.1, 1.0, 100.0, 1e4),
        "lambda": (0.001, 0.01, 0.1, 1.0),
    },
    "dgp": {
        "steps": (100, 300, 1000),
        "learning_rate": (0.001, 0.005, 0.01),
        "dropout": (0.2, 0.5, 0.7),
    },
}
"""What is tried of the options of each baseline, every value with every other."""
ONE_AT_A_TIME: Mapping[str, Grid] = {
    "dgp": {"hidden": (256, 512, 1024), "farthest": (1, 2, 4)},
}
"""What is tried beside the run's own value, with all other options as the run has them."""


def softmaxes(split: Split) -> Rankers:
    """The softmax, and with the hierarchy at several betas."""
    classes, hops = split.model.config.classes, _hops(split)
    rows: Rankers = {}
    for candidates in split.sets(split.space({})):
        plain = softmax_ranker(classes)
        rows["softmax", candidates.name] = after(split.model.classifier, plain)
    for beta in (0.2, 0.4, 0.6, 0.8, 1.2, 1.6):
        own = softmax_hierarchy_ranker(hops, beta)
        name, rank = f"softmax_hierarchy beta={beta}", after(split.model.classifier, own)
        rows |= {(name, one.name): rank for one in split.sets(split.space({}))}
    return rows


def conses(split: Split, differing: Values) -> Rankers:
    """ConSE over a label space, at several T."""
    space, classes = split.space(differing), split.model.config.classes
    return {
        (f"conse top={top}", one.name): after(
            split.model.classifier, conse_ranker(space, classes, one.members, top)
        )
        for top in (5, 10, 20, 1000)
        for one in split.sets(space)
    }


def hierarchies(split: Split) -> Rankers:
    """Labels by hops alone."""
    hops = _hops(split)
    rows: Rankers = {}
    for beta, top in product((0.2, 0.4, 0.8, 1.2), (10, None)):
        name = f"conse_hierarchy beta={beta} top={top}"

        def own(one: CandidateSet, beta: float = beta, top: int | None = top) -> Scorer:
            return conse_hierarchy(hops, one.members, beta, top)

        rows |= _on_logits(split, name, own)
    return rows


def exems(split: Split, differing: Values) -> Rankers:
    """EXEM over a label space."""
    space = split.space(differing)
    lesson = lesson_of(space, TrainingImages(split.training["wnid"], split.training_view()))
    rows: Rankers = {}
    for name, config in _tried(split, "exem"):
        fit = exem_of(config, lesson)
        rows |= _on_features(split, name, partial(exem_scorer, fit, space))
    return rows


def eszsls(split: Split, differing: Values) -> Rankers:
    """ESZSL over a label space."""
    space = split.space(differing)
    lesson = lesson_of(space, TrainingImages(split.training["wnid"], split.training_view()))
    rows: Rankers = {}
    for name, config in _tried(split, "eszsl"):
        fit = eszsl_of(config, lesson)
        rows |= _on_features(split, name, partial(eszsl_scorer, fit, space))
    return rows


def csls(split: Split, differing: Values) -> Rankers:
    """A projection trained on a label space; its labels less crowded by CSLS of several k."""
    space, project = split.space(differing), projected(projection(split, differing))
    rows: Rankers = {}
    for nearest in (0, 5, 10, 20, 50):
        crowded = _crowding(split, space, project, nearest) if nearest else None
        rows |= {
            (f"csls={nearest}", one.name): after(project, label_ranker(space, one.members, crowded))
            for one in split.sets(space)
        }
    return rows


def _crowding(split: Split, space: LabelSpace, project: Layer, nearest: int) -> np.ndarray:
    """Of each vector, by the images of seen labels that are kept aside."""
    aside = split.embedded.of(np.flatnonzero(split.images["seen"].astype(bool)))
    features = (torch.from_numpy(block).float() for block in aside.blocks(IMAGES_TOGETHER))
    with torch.inference_mode():
        return crowding(space.vectors, map(project, features), nearest)


def dgps(split: Split) -> Rankers:
    """DGP, over the word vectors of the hierarchy's nodes."""
    sources = Sources(split.given.taxonomy, split.given.word_vectors, split.trunk)
    labels = list(split.space({}).labels["wnid"])
    rows: Rankers = {}
    for name, config in _tried(split, "dgp"):
        rows |= _on_features(split, name, partial(dgp_scorer, dgp_of(config, sources, labels)))
    return rows


WITHOUT_A_SPACE: Mapping[str, Callable[[Split], Rankers]] = {
    "softmaxes": softmaxes,
    "hierarchies": hierarchies,
    "dgps": dgps,
}
OVER_A_SPACE: Mapping[str, Callable[[Split, Values], Rankers]] = {
    "conses": conses,
    "exems": exems,
    "eszsls": eszsls,
    "csls": csls,
}


def _hops(split: Split) -> Hops:
    """From the split's seen classes to all labels."""
    labels = split.space({}).labels["wnid"]
    return hops_between(split.hierarchy, split.model.config.classes, labels)


def _on_logits(split: Split, name: str, scorer: ScorerOf) -> Rankers:
    return {
        (name, one.name): after(split.model.classifier, ranker_of(scorer(one)))
        for one in split.sets(split.space({}))
    }


def _on_features(split: Split, name: str, scorer: Callable[[Collection[str]], Scorer]) -> Rankers:
    sets = split.sets(split.space({}))
    return {(name, one.name): ranker_of(scorer(one.members)) for one in sets}


def _tried(split: Split, baseline: str) -> Iterator[tuple[str, BaselinesSettings]]:
    """The name of each row of a baseline, and the run's settings with its options."""
    for options in options_tried(baseline, split.given.values):
        named = {f"baselines_{baseline}_{name}": value for name, value in options.items()}
        config = group_of("baselines", {**split.given.values, **named})
        yield " ".join([baseline, *(f"{name}={value}" for name, value in options.items())]), config


def options_tried(baseline: str, run: Values) -> Iterator[dict[str, Value]]:
    """The options of each row of a baseline, by their names without its own.

    Args:
        baseline: One of `GRIDS`.
        run: Every setting of the run by its public name.
    """
    grid = GRIDS[baseline]
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))
    for name, tried in ONE_AT_A_TIME.get(baseline, {}).items():
        own = run[f"baselines_{baseline}_{name}"]
        yield from ({name: value} for value in tried if value != own)
