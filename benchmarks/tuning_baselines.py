"""Parameters of the baselines, each a row of rankers over an inner split's features."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from tuning_models import Rankers, Split, after

from components.rank_images.conse_hierarchy import conse_hierarchy
from components.rank_images.softmax_hierarchy import softmax_hierarchy
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.label_space import NO_ROW, LabelSpace, members, target_rows
from components.shared.baselines.class_statistics import LEFT_OUT, ClassStatistics, class_statistics
from components.shared.baselines.eszsl import eszsl_scorer, fit_eszsl
from components.shared.baselines.exem import exem_scorer, fit_exem
from components.shared.baselines.scoring import Scorer, ranker_of
from components.shared.ranking.rankers import Ranker, conse_ranker, softmax_ranker

BLOCK = 4096
ScorerOf = Callable[[CandidateSet], Scorer]


def softmaxes(split: Split) -> Rankers:
    """The softmax, and with the hierarchy at several betas."""
    classes, hierarchy = split.model.config.classes, split.hierarchy
    rows: Rankers = {}
    for candidates in split.sets(split.space({})):
        plain = softmax_ranker(classes)
        rows["softmax", candidates.name] = after(split.model.classifier, plain)
    for beta in (0.2, 0.4, 0.6, 0.8, 1.2, 1.6):
        own = _unscored(ranker_of(softmax_hierarchy(hierarchy, classes, beta)))
        name, rank = f"softmax_hierarchy beta={beta}", after(split.model.classifier, own)
        rows |= {(name, one.name): rank for one in split.sets(split.space({}))}
    return rows


def conses(split: Split, space: LabelSpace) -> Rankers:
    """ConSE over a label space, at several T."""
    classes = split.model.config.classes
    return {
        (f"conse top={top}", one.name): after(
            split.model.classifier, conse_ranker(space, classes, one.members, top)
        )
        for top in (5, 10, 20, 1000)
        for one in split.sets(space)
    }


def hierarchies(split: Split) -> Rankers:
    """Labels by hops alone."""
    classes, hierarchy = split.model.config.classes, split.hierarchy
    rows: Rankers = {}
    for beta, top in product((0.2, 0.4, 0.8, 1.2), (10, None)):
        name = f"conse_hierarchy beta={beta} top={top}"

        def own(one: CandidateSet, beta: float = beta, top: int | None = top) -> Scorer:
            return conse_hierarchy(hierarchy, classes, one.members, beta, top)

        rows |= _on_logits(split, name, own)
    return rows


def exems(split: Split, space: LabelSpace) -> Rankers:
    """EXEM over a label space."""
    statistics, vectors = _statistics(split, space)
    rows: Rankers = {}
    for width, ridge, scaled in product((0.5, 1.0, 2.0), (0.01, 0.1, 1.0), (False, True)):
        fit = fit_exem(statistics, vectors, bandwidth=width, ridge=ridge, standardised=scaled)
        name = f"exem bandwidth={width} ridge={ridge} standardised={scaled}"
        for one in split.sets(space):
            rows[name, one.name] = ranker_of(exem_scorer(fit, space, one.members))
    return rows


def eszsls(split: Split, space: LabelSpace) -> Rankers:
    """ESZSL over a label space."""
    statistics, vectors = _statistics(split, space)
    rows: Rankers = {}
    for gamma, lambda_ in product((1.0, 100.0, 1e4, 1e6), (0.1, 1.0, 10.0)):
        fit = fit_eszsl(statistics, vectors, gamma=gamma, lambda_=lambda_)
        for one in split.sets(space):
            name = f"eszsl gamma={gamma:g} lambda={lambda_:g}"
            rows[name, one.name] = ranker_of(eszsl_scorer(fit, space, one.members))
    return rows


WITHOUT_WORDS: Mapping[str, Callable[[Split], Rankers]] = {
    "softmaxes": softmaxes,
    "hierarchies": hierarchies,
}
OVER_A_SPACE: Mapping[str, Callable[[Split, LabelSpace], Rankers]] = {
    "conses": conses,
    "exems": exems,
    "eszsls": eszsls,
}


def _unscored(rank: Ranker) -> Ranker:
    """A ranking of the seen labels, whatever the candidates: no unseen label has a score."""
    return lambda outputs: replace(rank(outputs), scores=None)


def _on_logits(split: Split, name: str, scorer: ScorerOf) -> Rankers:
    return {
        (name, one.name): after(split.model.classifier, ranker_of(scorer(one)))
        for one in split.sets(split.space({}))
    }


def _statistics(split: Split, space: LabelSpace) -> tuple[ClassStatistics, np.ndarray]:
    """Of the training images of the classes that have a vector, and these vectors."""
    seen = members(space, SEEN)
    rows = target_rows(space, seen)
    classes = [wnid for wnid, row in zip(seen, rows, strict=True) if row != NO_ROW]
    numbers = pd.Index(classes).get_indexer(split.training["wnid"])
    assert LEFT_OUT == -1, "pandas says -1 of what it does not find"
    statistics = class_statistics(split.training_view().blocks(BLOCK), numbers, classes)
    return statistics, space.vectors[rows[rows != NO_ROW]]
