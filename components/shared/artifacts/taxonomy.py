"""The taxonomy artifact: synsets with their terms, and the hierarchy's edges.

Written once by prepare_taxonomy, read by every stage that needs a label's terms or its neighbours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from components.shared.artifacts.terms import normalise_term

Edge = tuple[str, str]

SYNSETS_FILE = "synsets.parquet"
EDGES_FILE = "edges.parquet"
IS_A_FILE = "is_a.parquet"
FACTS_FILE = "taxonomy.json"


@dataclass(frozen=True)
class Taxonomy:
    """Synsets and the hierarchy between them.

    Attributes:
        terms: The terms of each synset by wnid, as the source writes them, the first term first.
        edges: Undirected pairs (a, b) of nodes; a node need not have terms.
        hierarchy: Which hierarchy it is: the name of the source's edge file.
    """

    terms: Mapping[str, tuple[str, ...]]
    edges: list[Edge]
    hierarchy: str

    def normalised_terms(self) -> set[str]:
        """Every term as it stands in the corpus, such as "tiger_shark", each once."""
        return {normalise_term(term) for terms in self.terms.values() for term in terms}


def read_taxonomy(folder: Path) -> Taxonomy:
    """Read the artifact that prepare_taxonomy wrote.

    Raises:
        FileNotFoundError: A file of the artifact is not there.
    """
    synsets = pd.read_parquet(folder / SYNSETS_FILE)
    edges = pd.read_parquet(folder / EDGES_FILE)
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    terms = {wnid: tuple(names) for wnid, names in zip(synsets.wnid, synsets.terms, strict=True)}
    return Taxonomy(terms, list(zip(edges.a, edges.b, strict=True)), facts["hierarchy"])


def read_is_a(folder: Path) -> list[Edge] | None:
    """Read the pairs (parent, child) of the artifact; None where the source gives no direction."""
    file = folder / IS_A_FILE
    if not file.is_file():
        return None
    is_a = pd.read_parquet(file)
    return list(zip(is_a.parent, is_a.child, strict=True))
