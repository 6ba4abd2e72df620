"""The wnids that a taxonomy's source gives terms to, found without reading the terms.

For the checks before a run starts: a wrong class must cost seconds, and words.txt is absent where
the hierarchy's own file has the terms (WordNet's data.noun, ImageNet's structure_released.xml).
"""

from xml.parsers import expat

from components.shared.storage import store
from components.shared.storage.lines import list_lines
from components.shared.storage.xml_stream import fed
from components.shared.wnids import is_wnid

WORDS_FILE = "words.txt"
DATABASE_FILE = "data.noun"
XML = ".xml"


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
        return listed_wnids(words)
    return (_of_wordnet if edges == DATABASE_FILE else _of_structure)(store.join(uri, edges))


def listed_wnids(uri: str) -> set[str]:
    """Return what each line of a list begins with.

    Raises:
        ValueError: The list is not there, or is no text.
    """
    return {line.split(None, 1)[0] for _, line in list_lines(uri) if line.strip()}


def _of_wordnet(uri: str) -> set[str]:
    with store.open_read(uri) as lines:
        return {"n" + line[:8].decode() for line in lines if line[:8].isdigit()}


def _of_structure(uri: str) -> set[str]:
    found: set[str] = set()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.add(attributes.get("wnid", "").strip())
    with store.open_read(uri) as stream:
        for _ in fed(uri, stream, parser):
            pass
    return {wnid for wnid in found if is_wnid(wnid)}
