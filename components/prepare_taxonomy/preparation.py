"""Turns words.txt and an edge list into the taxonomy artifact."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from components.prepare_taxonomy.config import TaxonomyConfig
from components.prepare_taxonomy.sources import Edge, read_edges, read_words
from components.shared import storage
from components.shared.progress import say
from components.shared.taxonomy import EDGES_FILE, FACTS_FILE, IS_A_FILE, SYNSETS_FILE

WORDS_FILE = "words.txt"
DIRECTED_MARK = "is_a"
NODES_SHOWN = 5


def write_taxonomy(config: TaxonomyConfig, output: Path) -> dict[str, float]:
    """Read the taxonomy's sources and write the artifact.

    Args:
        config: where the sources are.
        output: the folder to write.

    Returns:
        Counts of synsets, edges, nodes without terms and synsets outside the hierarchy.

    Raises:
        ValueError: a source is missing, broken, or does not belong to the other.
    """
    words_file, edges_file = source_files(config)
    terms, edges = read_words(words_file), read_edges(edges_file)
    facts = _facts(config, terms, edges)
    output.mkdir(parents=True, exist_ok=True)
    _write_synsets(terms, output)
    _write_edges(edges, facts["directed"], output)
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (output / FACTS_FILE).write_text(text + "\n", encoding="utf-8")
    return _report(facts)


def source_files(config: TaxonomyConfig) -> tuple[str, str]:
    """Addresses of words.txt and of the edge list."""
    return storage.join(config.uri, WORDS_FILE), storage.join(config.uri, config.edges)


def _facts(
    config: TaxonomyConfig, terms: Mapping[str, Sequence[str]], edges: Sequence[Edge]
) -> dict[str, Any]:
    nodes = {node for edge in edges for node in edge}
    if nodes.isdisjoint(terms):
        raise ValueError(
            f"{config.edges} and {WORDS_FILE} in {config.uri} have no wnid in common: "
            "check taxonomy_edges."
        )
    return {
        "hierarchy": config.edges,
        "directed": DIRECTED_MARK in config.edges,
        "synsets": len(terms),
        "edges": len(edges),
        "nodes_without_terms": sorted(nodes - terms.keys()),
        "synsets_outside_the_hierarchy": len(terms.keys() - nodes),
    }


def _write_synsets(terms: Mapping[str, Sequence[str]], output: Path) -> None:
    columns = {"wnid": list(terms), "terms": [list(names) for names in terms.values()]}
    pd.DataFrame(columns).to_parquet(output / SYNSETS_FILE, index=False)


def _write_edges(edges: Sequence[Edge], directed: bool, output: Path) -> None:
    pd.DataFrame(edges, columns=["a", "b"]).to_parquet(output / EDGES_FILE, index=False)
    if directed:
        is_a = pd.DataFrame(edges, columns=["parent", "child"])
        is_a.to_parquet(output / IS_A_FILE, index=False)


def _report(facts: Mapping[str, Any]) -> dict[str, float]:
    nameless = facts["nodes_without_terms"]
    shown = ", ".join(nameless[:NODES_SHOWN]) + (" ..." if len(nameless) > NODES_SHOWN else "")
    say(
        f"taxonomy: {facts['synsets']:,} synsets, {facts['edges']:,} edges ({facts['hierarchy']}), "
        f"{facts['synsets_outside_the_hierarchy']:,} synsets outside the hierarchy, "
        f"{len(nameless)} nodes without terms{': ' + shown if nameless else ''}"
    )
    names = ("synsets", "edges", "synsets_outside_the_hierarchy")
    return {name: float(facts[name]) for name in names} | {
        "nodes_without_terms": float(len(nameless))
    }
