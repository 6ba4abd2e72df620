"""DGP over this run's hierarchy, word vectors and visual model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from components.fit_baselines.fits import Fits, UnfitError
from components.shared.artifacts.compared import FittedBaseline
from components.shared.artifacts.evaluation import DEVISE, DGP
from components.shared.artifacts.taxonomy import Taxonomy, read_is_a, read_taxonomy
from components.shared.baselines.dgp import Dgp, DgpTraining, fit_dgp
from components.shared.baselines.label_graph import (
    LabelGraph,
    graph_above,
    graph_around,
    node_inputs,
)
from components.shared.device import pick_device
from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualModel
from components.shared.settings.baselines import BaselinesSettings
from components.shared.synset_vectors import (
    Vocabulary,
    mean_of_terms_rows,
    normalised,
    read_vocabulary,
    target_vectors,
)


@dataclass(frozen=True)
class Sources:
    """Folders of the artifacts that it is fitted to.

    Attributes:
        taxonomy: Of prepare_taxonomy.
        word_vectors: Of train_skipgram.
        visual_model: Of pretrain_visual.
    """

    taxonomy: Path
    word_vectors: Path
    visual_model: Path


def fit_graph_network(config: BaselinesSettings, sources: Sources, wnids: Sequence[str]) -> Fits:
    """Fit DGP, or leave it out.

    Args:
        config: The stage's parameters.
        sources: The artifacts.
        wnids: The labels to predict for.
    """
    try:
        return Fits({DGP: FittedBaseline(DEVISE, dgp_of(config, sources, wnids))})
    except UnfitError as reason:
        return Fits(left_out={DGP: str(reason)})


def dgp_of(config: BaselinesSettings, sources: Sources, wnids: Sequence[str]) -> Dgp:
    """Fit DGP with a run's options.

    A label has no weights where no way leads from it to a node with a word vector.

    Args:
        config: The stage's parameters.
        sources: The artifacts.
        wnids: The labels to predict for.

    Raises:
        UnfitError: No label has a way to a node with a word vector.
    """
    device = pick_device()
    model = visual_model.load(sources.visual_model, device)
    classes = model.config.classes
    taxonomy, is_a = read_taxonomy(sources.taxonomy), read_is_a(sources.taxonomy)
    graph = _graph(taxonomy, is_a, [*wnids, *classes], config.dgp_farthest)
    words = read_vocabulary(sources.word_vectors, config.minimum_count)
    inputs = _inputs(taxonomy.terms, words, graph)
    rows = zip(wnids, graph.rows(wnids), strict=True)
    labels = [wnid for wnid, row in rows if inputs[row].any()]
    if not labels:
        raise UnfitError(
            "No label has a way in the hierarchy to a synset with a word vector: give text, or "
            "vectors, that have more of the synsets' terms."
        )
    return fit_dgp(graph, inputs, classes, _weights(model), labels, _training(config), device)


def _graph(
    taxonomy: Taxonomy,
    is_a: list[tuple[str, str]] | None,
    wnids: Sequence[str],
    farthest: int,
) -> LabelGraph:
    """The hierarchy above the labels; without a direction, that around them."""
    if is_a is None:
        return graph_around(taxonomy.edges, wnids)
    return graph_above(is_a, wnids, farthest)


def _inputs(known: Mapping[str, Sequence[str]], words: Vocabulary, graph: LabelGraph) -> np.ndarray:
    """The mean of each node's term vectors, as of a label; else what its neighbours have."""
    terms = {node: normalised(known[node]) for node in graph.nodes if node in known}
    vectors = target_vectors(*mean_of_terms_rows(terms, words))
    return node_inputs(graph, vectors, words.vectors.shape[1])


def _weights(model: VisualModel) -> np.ndarray:
    """The last layer with its bias, 0 where it has none: float32 [classes, features + 1]."""
    weight, bias = model.classifier.weight, model.classifier.bias
    # Some networks have none, such as torchvision's maxvit_t, whatever torch's annotation says.
    column = weight.new_zeros(len(weight)) if bias is None else bias
    together = torch.cat([weight, column[:, None]], dim=1).detach().float()
    found: np.ndarray = together.cpu().numpy()
    return found


def _training(config: BaselinesSettings) -> DgpTraining:
    return DgpTraining(
        hidden=config.dgp_hidden,
        steps=config.dgp_steps,
        learning_rate=config.dgp_learning_rate,
        weight_decay=config.dgp_weight_decay,
        dropout=config.dgp_dropout,
        seed=config.training_seed,
    )
