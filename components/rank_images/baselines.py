"""The baselines that are no network, as scorers of labels.

Two read the hierarchy and the softmax's logits, the others the pretrained trunk's features.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from components.rank_images.conse_hierarchy import conse_hierarchy
from components.rank_images.hops import Hops, hops_between
from components.rank_images.softmax_hierarchy import softmax_hierarchy_ranker
from components.shared.artifacts.compared import ComparedModels, HopWeights
from components.shared.artifacts.evaluation import DGP, eszsl_over, exem_over
from components.shared.artifacts.label_space import LabelSpace
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.baselines.dgp import Dgp, dgp_scorer
from components.shared.baselines.eszsl import Eszsl, eszsl_scorer
from components.shared.baselines.exem import Exem, exem_scorer
from components.shared.baselines.fitted_file import read_fitted
from components.shared.baselines.scoring import Scorer
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy
from components.shared.ranking.rankers import Ranker

ScorerOf = Callable[[Collection[str]], Scorer]
"""Labels to what scores them."""


@dataclass(frozen=True)
class Baselines:
    """What they rank by.

    Attributes:
        hierarchy: The graph.
        weights: How what lies some hops away is weighed.
        fitted: What makes the scorer of features for some labels, by the baseline's name.
    """

    hierarchy: Hierarchy
    weights: HopWeights
    fitted: Mapping[str, ScorerOf]

    def hops(self, classes: Sequence[str], wnids: Iterable[str]) -> Hops:
        """The hops from classes to all labels that will be ranked."""
        return hops_between(self.hierarchy, classes, wnids)

    def softmax_hierarchy(self, hops: Hops) -> Ranker:
        """The ranker of logits [n, classes], of the classes alone."""
        return softmax_hierarchy_ranker(hops, self.weights.softmax_beta)

    def conse_hierarchy(self, hops: Hops, wnids: Collection[str]) -> Scorer:
        """The scorer of logits [n, classes] that ranks labels."""
        beta, top = self.weights.conse_beta, self.weights.conse_top
        return conse_hierarchy(hops, wnids, beta, top or None)


def read_baselines(compared: ComparedModels, spaces: Mapping[str, LabelSpace]) -> Baselines:
    """Read all of them.

    Args:
        compared: The artifact.
        spaces: Label spaces of the DeViSE models by name.

    Raises:
        ValueError: The file of one is missing.
    """
    hierarchy = build_hierarchy(read_taxonomy(compared.taxonomy).edges)
    fitted = {
        name: _scorer_of(compared, name, spaces[model])
        for name, model in compared.baselines.items()
    }
    return Baselines(hierarchy, compared.hops, fitted)


def _scorer_of(compared: ComparedModels, name: str, space: LabelSpace) -> ScorerOf:
    file, model = compared.file_of(name), compared.baselines[name]
    if name == exem_over(model):
        return partial(exem_scorer, read_fitted(Exem, file), space)
    if name == eszsl_over(model):
        return partial(eszsl_scorer, read_fitted(Eszsl, file), space)
    assert name == DGP, f"{name} is no baseline that is fitted"
    return partial(dgp_scorer, read_fitted(Dgp, file))
