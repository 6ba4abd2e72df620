"""Turns the files of a hierarchy and its terms into the taxonomy artifact."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from components.prepare_taxonomy.imagenet_structure import read_structure
from components.prepare_taxonomy.sources import Edge, HierarchySource, read_edges, read_words
from components.prepare_taxonomy.wordnet import read_wordnet
from components.shared.artifacts.taxonomy import EDGES_FILE, FACTS_FILE, IS_A_FILE, SYNSETS_FILE
from components.shared.execution.progress import say
from components.shared.settings.known_wnids import DATABASE_FILE, WORDS_FILE, XML, taxonomy_files
from components.shared.settings.taxonomy import TaxonomySettings
from components.shared.storage import store
from components.shared.storage.atomic import write_json

DIRECTED_MARK = "is_a"
NODES_SHOWN = 5


def write_taxonomy(config: TaxonomySettings, output: Path) -> dict[str, float]:
    """Read the taxonomy's sources and write the artifact.

    Args:
        config: Where the sources are.
        output: The folder to write.

    Returns:
        Counts of synsets, edges, nodes without terms and synsets outside the hierarchy, and of
        what the source's reader left out.

    Raises:
        ValueError: A source is missing, broken, or does not belong to the other.
    """
    source, terms, facts = read_sources(config)
    output.mkdir(parents=True, exist_ok=True)
    _write_synsets(terms, output)
    _write_edges(source.edges, source.directed, output)
    write_json(output / FACTS_FILE, facts)
    return _report(facts)


def read_sources(
    config: TaxonomySettings,
) -> tuple[HierarchySource, Mapping[str, tuple[str, ...]], dict[str, Any]]:
    """Read the hierarchy, the terms of each synset by wnid, and facts about both.

    Raises:
        ValueError: A source is missing, broken, or does not belong to the other.
    """
    source = read_hierarchy(store.join(config.uri, config.edges))
    terms, terms_from = _terms(config, source)
    return source, terms, _facts(config, terms, source) | terms_from | dict(source.facts)


def read_hierarchy(uri: str) -> HierarchySource:
    """Read a hierarchy's file by its name: data.noun, *.xml, else an edge list.

    Raises:
        ValueError: It is missing or broken; file and line are named.
    """
    name = uri.rpartition("/")[2]
    if name == DATABASE_FILE:
        return read_wordnet(uri)
    if name.endswith(XML):
        return read_structure(uri)
    return HierarchySource(read_edges(uri), directed=DIRECTED_MARK in name)


def _terms(
    config: TaxonomySettings, source: HierarchySource
) -> tuple[Mapping[str, tuple[str, ...]], dict[str, str]]:
    """Return the terms, and where from if not words.txt, which goes before the source's own."""
    words = store.join(config.uri, WORDS_FILE)
    if source.terms is None or words in taxonomy_files(config.uri, config.edges):
        return read_words(words), {}
    return source.terms, {"terms": config.edges}


def _facts(
    config: TaxonomySettings, terms: Mapping[str, Sequence[str]], source: HierarchySource
) -> dict[str, Any]:
    nodes = {node for edge in source.edges for node in edge}
    if nodes.isdisjoint(terms):
        raise ValueError(
            f"{config.edges} and {WORDS_FILE} in {config.uri} have no wnid in common: "
            "check taxonomy_edges."
        )
    return {
        "hierarchy": config.edges,
        "directed": source.directed,
        "synsets": len(terms),
        "edges": len(source.edges),
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
    left_out = facts.get("instance_hypernyms_left_out", 0)
    say(
        f"taxonomy: {facts['synsets']:,} synsets, {facts['edges']:,} edges ({facts['hierarchy']}), "
        f"{facts['synsets_outside_the_hierarchy']:,} synsets outside the hierarchy, "
        f"{len(nameless)} nodes without terms{': ' + shown if nameless else ''}"
        f"{f', {left_out:,} instance hypernyms left out' if left_out else ''}"
    )
    names = ("synsets", "edges", "synsets_outside_the_hierarchy", "instance_hypernyms_left_out")
    counts = {name: float(facts[name]) for name in names if name in facts}
    return counts | {"nodes_without_terms": float(len(nameless))}
