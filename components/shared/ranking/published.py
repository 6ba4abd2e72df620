"""What was published, as frozen data, to be shown beside this project's own figures.

Frome et al., "DeViSE: A Deep Visual-Semantic Embedding Model", NIPS 2013 (tables 1 to 4 and
appendix A.3), and the zero-shot figures of later work on the same candidate sets, as the authors of
GCNZ print them. Every figure is a share between 0 and 1, as in metrics.json; the paper prints flat
hit@k in percent. Each row names the table and row that it was read from; what could not be read
again at its source is not here.

Candidate sets carry the names that this project gives them: `seen` is the ILSVRC 2012 1K,
`2-hop`, `3-hop` and `all` are the zero-shot labels alone (DeViSE-0), `<set>_plus_seen` are those
and the 1K together (DeViSE+1K). Images and labels are ImageNet's: beside figures of another data
set they are a comparison, never a target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from components.shared.artifacts.candidate_sets import PLUS_SEEN
from components.shared.artifacts.evaluation import CHANCE, DEVISE, RANDOM, SOFTMAX

PAPER = "Frome et al. 2013"
GCNZ_ADDRESS = "https://github.com/JudyYe/zero-shot-gcn"
PAPER_ADDRESS = "https://papers.nips.cc/paper/5204-devise-a-deep-visual-semantic-embedding-model"
FLAT_KS = (1, 2, 5, 10, 20)
_PRINTED = {
    SOFTMAX: "softmax baseline",
    DEVISE: "DeViSE",
    RANDOM: "random embeddings",
    CHANCE: "chance",
}
"""What the paper's tables call a model."""
_SETS = {"2-hop": "2-hop", "3-hop": "3-hop", "all": "ImageNet 2011 21K"}
"""What they call a zero-shot set."""


@dataclass(frozen=True)
class PublishedRow:
    """A row of a published table.

    Attributes:
        model: `softmax`, `devise`, `random` or `chance`, as in metrics.json; for later work the
            method's own name.
        dim: Dimension of the word vectors; None where the model has none or it is not stated.
        candidates: Name of the candidate set, as in metrics.json.
        flat_hit_at: Share of images by k.
        hierarchical_precision_at: Mean precision by k; empty where it was not published.
        source: Publication, table and row, to be printed beside the figures.
    """

    model: str
    dim: int | None
    candidates: str
    flat_hit_at: Mapping[int, float]
    hierarchical_precision_at: Mapping[int, float]
    source: str


@dataclass(frozen=True)
class MeanCorrectSetSizes:
    """Mean number of members of hCorrectSet (A.3) by k.

    Attributes:
        labels: `1K`, or the zero-shot set together with the 1K.
        candidates: Name of the set in metrics.json.
        label_count: Number of valid labels; None where it is not stated.
        hierarchy: The graph that hops were counted in.
        size_at: Mean size by k.
        source: Who computed them.
    """

    labels: str
    candidates: str
    label_count: int | None
    hierarchy: str
    size_at: Mapping[int, float]
    source: str


def _flat(*percent: float, ks: Sequence[int] = FLAT_KS) -> Mapping[int, float]:
    shares = (round(value / 100, 6) for value in percent)
    return MappingProxyType(dict(zip(ks, shares, strict=True)))


def _by_k(*values: float, ks: Sequence[int]) -> Mapping[int, float]:
    return MappingProxyType(dict(zip(ks, values, strict=True)))


def _row_name(model: str, dim: int | None) -> str:
    return f"{_PRINTED[model]}, {dim} dim" if dim else _PRINTED[model]


def _table_1(
    model: str, dim: int | None, flat: tuple[float, ...], precision: tuple[float, ...]
) -> PublishedRow:
    return PublishedRow(
        model,
        dim,
        "seen",
        _flat(*flat, ks=(1, 2, 5, 10)),
        _by_k(*precision, ks=(2, 5, 10, 20)),
        f"{PAPER}, table 1, row {_row_name(model, dim)}",
    )


def _zero_shot(
    model: str, candidates: str, flat: tuple[float, ...], precision: tuple[float, ...]
) -> PublishedRow:
    row = _PRINTED[model]
    if model == DEVISE:
        row += "+1K" if candidates.endswith(PLUS_SEEN) else "-0"
    return PublishedRow(
        model,
        None,
        candidates,
        _flat(*flat),
        _by_k(*precision, ks=FLAT_KS),
        f"{PAPER}, tables 2 and 3, {_SETS[candidates.removesuffix(PLUS_SEEN)]}, row {row}",
    )


def _later(method: str, candidates: str, *flat: float) -> PublishedRow:
    hops = {"2-hop": "2-hops", "3-hop": "3-hops", "all": "All"}[candidates.removesuffix(PLUS_SEEN)]
    row = f"{hops} (+1K), {method}" if candidates.endswith(PLUS_SEEN) else f"{hops}, {method}"
    source = f"{GCNZ_ADDRESS}, Main Results, row {row}"
    return PublishedRow(method, None, candidates, _flat(*flat), MappingProxyType({}), source)


TABLE_1: tuple[PublishedRow, ...] = (
    _table_1(SOFTMAX, None, (55.6, 67.4, 78.5, 85.0), (0.452, 0.342, 0.313, 0.319)),
    _table_1(DEVISE, 500, (53.2, 65.2, 76.7, 83.3), (0.447, 0.352, 0.331, 0.341)),
    _table_1(DEVISE, 1000, (54.9, 66.9, 78.4, 85.0), (0.454, 0.351, 0.325, 0.331)),
    _table_1(RANDOM, 500, (52.4, 63.9, 74.8, 80.6), (0.428, 0.315, 0.271, 0.248)),
    _table_1(RANDOM, 1000, (50.5, 62.2, 74.2, 81.5), (0.418, 0.318, 0.290, 0.292)),
    _table_1(CHANCE, None, (0.1, 0.2, 0.5, 1.0), (0.007, 0.013, 0.022, 0.042)),
)
"""ILSVRC 2012 1K: flat hit@1, 2, 5, 10 and hp@2, 5, 10, 20."""

_NEVER = (0.0, 0.0, 0.0, 0.0, 0.0)

ZERO_SHOT: tuple[PublishedRow, ...] = (
    _zero_shot(DEVISE, "2-hop", (6.0, 10.0, 18.1, 26.4, 36.4), (0.06, 0.152, 0.192, 0.217, 0.233)),
    _zero_shot(
        DEVISE,
        "2-hop_plus_seen",
        (0.8, 2.7, 7.9, 14.2, 22.7),
        (0.008, 0.204, 0.196, 0.201, 0.214),
    ),
    _zero_shot(SOFTMAX, "2-hop_plus_seen", _NEVER, (0.0, 0.236, 0.181, 0.174, 0.179)),
    _zero_shot(DEVISE, "3-hop", (1.7, 2.9, 5.3, 8.2, 12.5), (0.017, 0.037, 0.191, 0.214, 0.236)),
    _zero_shot(
        DEVISE,
        "3-hop_plus_seen",
        (0.5, 1.4, 3.4, 5.9, 9.7),
        (0.005, 0.053, 0.192, 0.201, 0.214),
    ),
    _zero_shot(SOFTMAX, "3-hop_plus_seen", _NEVER, (0.0, 0.053, 0.157, 0.143, 0.130)),
    _zero_shot(DEVISE, "all", (0.8, 1.4, 2.5, 3.9, 6.0), (0.008, 0.017, 0.072, 0.085, 0.096)),
    _zero_shot(
        DEVISE, "all_plus_seen", (0.3, 0.8, 1.9, 3.2, 5.3), (0.003, 0.025, 0.083, 0.092, 0.101)
    ),
    _zero_shot(SOFTMAX, "all_plus_seen", _NEVER, (0.0, 0.023, 0.071, 0.069, 0.065)),
)
"""Zero-shot: flat hit@1, 2, 5, 10, 20 and hp at the same k. The paper does not state the dimension
in its tables' rows. The softmax ranks the 1K whatever the set (the paper's "softmax baseline")."""

LATER_WORK: tuple[PublishedRow, ...] = (
    _later("SYNC", "2-hop", 10.5, 17.7, 28.6, 40.1, 52.0),
    _later("GCNZ", "2-hop", 21.0, 33.7, 52.7, 64.8, 74.3),
    _later("SYNC", "3-hop", 2.9, 4.9, 9.2, 14.2, 20.9),
    _later("GCNZ", "3-hop", 4.3, 7.7, 14.2, 20.4, 27.6),
    _later("SYNC", "all", 1.4, 2.4, 4.5, 7.1, 10.9),
    _later("ConSE", "2-hop_plus_seen", 0.1, 11.2, 24.3, 29.1, 32.7),
    _later("GCNZ", "2-hop_plus_seen", 10.2, 21.2, 42.1, 56.2, 67.5),
    _later("ConSE", "3-hop_plus_seen", 0.2, 3.2, 7.3, 10.0, 12.2),
    _later("GCNZ", "3-hop_plus_seen", 2.4, 5.3, 12.0, 18.2, 25.4),
    _later("ConSE", "all_plus_seen", 0.1, 1.5, 3.5, 4.9, 6.2),
)
"""Zero-shot flat hit@1, 2, 5, 10, 20 of later methods, from the two tables of the README of GCNZ's
own code (Wang, Ye and Gupta, CVPR 2018; ResNet-50 and GloVe), which compares with SYNC (Changpinyo
et al. 2016) and ConSE (Norouzi et al. 2014). It has no figures of GCNZ over all labels. Image
models differ from the paper's and from each other's."""


@dataclass(frozen=True)
class SplitOf2010Row:
    """A row of table 4: the 800 / 200 class split of ImageNet 2010.

    Attributes:
        model: The method.
        flat_hit_at_5: Share of images of the 200 unseen classes, ranked among those 200.
        flat_hit_at_5_plus_seen: The same, ranked among all 1,000; None where not published.
        source: Publication, table and row.
    """

    model: str
    flat_hit_at_5: float
    flat_hit_at_5_plus_seen: float | None
    source: str


TABLE_4: tuple[SplitOf2010Row, ...] = (
    SplitOf2010Row(DEVISE, 0.318, 0.090, f"{PAPER}, table 4, row DeViSE, 500 dim"),
    SplitOf2010Row("Mensink", 0.357, 0.019, f"{PAPER}, table 4, row Mensink et al. 2012"),
    SplitOf2010Row("Rohrbach", 0.348, None, f"{PAPER}, table 4, row Rohrbach et al. 2011"),
)
"""hit@5 on the 800 / 200 split of ImageNet 2010, among 200 and among 1,000 candidates."""

RELEASED_GRAPH = "ImageNet's released structure graph (imagenet.structure.txt)"
WORDNET = "WordNet 3.0 noun hypernyms (wordnet.is_a.txt)"
PAPER_HIERARCHY = "the paper's ImageNet hierarchy, not released"


def _sizes(hierarchy: str, candidates: str, labels: int, *sizes: float) -> MeanCorrectSetSizes:
    names = {"seen": "1K", "2-hop": "2-hop + 1K", "3-hop": "3-hop + 1K", "all": "21K"}
    ours = "computed by this project"
    source = f"{PAPER}, appendix A.3" if hierarchy == PAPER_HIERARCHY else ours
    size_at = _by_k(*sizes, ks=FLAT_KS[1:])
    return MeanCorrectSetSizes(names[candidates], candidates, labels, hierarchy, size_at, source)


MEAN_CORRECT_SET_SIZES: tuple[MeanCorrectSetSizes, ...] = (
    _sizes(PAPER_HIERARCHY, "seen", 1000, 6.5, 12.5, 22.5, 41.7),
    _sizes(PAPER_HIERARCHY, "2-hop", 2589, 3.2, 16.8, 25.5, 45.2),
    _sizes(PAPER_HIERARCHY, "3-hop", 8860, 4.4, 577.4, 635.4, 668.0),
    _sizes(PAPER_HIERARCHY, "all", 21900, 5.4, 273.3, 317.4, 350.6),
    _sizes(RELEASED_GRAPH, "seen", 1000, 6.3, 11.2, 19.8, 37.2),
    _sizes(RELEASED_GRAPH, "2-hop", 2549, 2.9, 15.3, 22.7, 39.3),
    _sizes(RELEASED_GRAPH, "3-hop", 8860, 116.7, 598.3, 634.4, 655.5),
    _sizes(RELEASED_GRAPH, "all", 21842, 51.4, 262.5, 290.9, 317.2),
    _sizes(WORDNET, "seen", 1000, 4.5, 9.5, 18.0, 33.8),
    _sizes(WORDNET, "2-hop", 2549, 2.8, 11.2, 18.4, 34.5),
    _sizes(WORDNET, "3-hop", 8860, 3.1, 25.9, 33.2, 50.1),
    _sizes(WORDNET, "all", 21842, 5.4, 30.2, 46.5, 70.1),
)
"""Mean hCorrectSet sizes at k = 2, 5, 10, 20 by hierarchy: the published ones first.

Ours are means over all valid labels, the 1K and the published zero-shot lists. The paper's jump
from 16.8 to 577 between the 2-hop and 3-hop sets is found again over the released graph only: it
comes from the artificial node fa11misc, which joins labels that are nothing alike. At k = 2 the
released graph goes through it sooner (116.7 against 4.4), so the paper's graph was another one.
"""


def published_rows(candidates: str) -> tuple[PublishedRow, ...]:
    """Return every published row of a candidate set of metrics.json, the paper's first."""
    rows = (*TABLE_1, *ZERO_SHOT, *LATER_WORK)
    return tuple(row for row in rows if row.candidates == candidates)


def published_correct_set_sizes(candidates: str) -> tuple[MeanCorrectSetSizes, ...]:
    """Return the mean hCorrectSet sizes known for a candidate set, the paper's own first."""
    name = candidates.removesuffix("_plus_seen")
    return tuple(sizes for sizes in MEAN_CORRECT_SET_SIZES if sizes.candidates == name)
