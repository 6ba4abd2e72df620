"""The wnids that a taxonomy's source gives terms to, found without reading the terms.

For the checks before a run starts: a wrong class must cost seconds, and words.txt is absent where
the hierarchy's own file has the terms (WordNet's data.noun, ImageNet's structure_released.xml).
"""

import re
from collections.abc import Iterator

from components.shared.storage import store

WORDS_FILE = "words.txt"
DATABASE_FILE = "data.noun"
XML = ".xml"
_XML_WNID = re.compile(rb"""wnid\s*=\s*["'](n\d{8})["']""")


def has_own_terms(edges: str) -> bool:
    """Whether the hierarchy's file of this name has terms, so that words.txt may be absent."""
    return edges == DATABASE_FILE or edges.endswith(XML)


def taxonomy_files(uri: str, edges: str) -> tuple[str, ...]:
    """Addresses of a taxonomy's files that are read: words.txt, where needed or there, and edges.

    Args:
        uri: The folder, local or s3:// (taxonomy_uri).
        edges: The hierarchy's file in it (taxonomy_edges).
    """
    words, hierarchy = store.join(uri, WORDS_FILE), store.join(uri, edges)
    needed = not has_own_terms(edges) or store.exists(words)
    return (words, hierarchy) if needed else (hierarchy,)


def known_wnids(uri: str, edges: str) -> set[str]:
    """Return the wnids with terms of a taxonomy's folder.

    Args:
        uri: The folder, local or s3:// (taxonomy_uri).
        edges: The hierarchy's file in it (taxonomy_edges).

    Raises:
        ValueError: The file that has the terms is not there.
    """
    words = store.join(uri, WORDS_FILE)
    if not has_own_terms(edges) or store.exists(words):
        with store.open_read(words) as lines:
            return {line.split(None, 1)[0].decode() for line in lines if line.strip()}
    with store.open_read(store.join(uri, edges)) as lines:
        found = _of_wordnet(lines) if edges == DATABASE_FILE else _of_structure(lines)
        return set(found)


def _of_wordnet(lines: Iterator[bytes]) -> Iterator[str]:
    return ("n" + line[:8].decode() for line in lines if line[:8].isdigit())


def _of_structure(lines: Iterator[bytes]) -> Iterator[str]:
    return (wnid.decode() for line in lines for wnid in _XML_WNID.findall(line))
