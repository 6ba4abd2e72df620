"""Opens the taxonomy before a run as the stage will: all of it, which takes seconds."""

from collections.abc import Mapping

from components.prepare_taxonomy.preparation import read_sources
from components.shared.settings.taxonomy import TaxonomySettings


def look_at_taxonomy(config: TaxonomySettings) -> Mapping[str, tuple[str, ...]]:
    """Read the hierarchy and the terms of each synset, which are returned by wnid.

    Raises:
        ValueError: A source is missing, broken, or does not belong to the other; file and line are
            named.
    """
    _, terms, _ = read_sources(config)
    return terms
