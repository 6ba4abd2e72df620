"""Opens label vectors made elsewhere, and glosses, before a run: the beginning of their files."""

from itertools import islice

from components.map_synsets.glosses import glosses_in
from components.map_synsets.label_vectors import recognised, said_of_file
from components.shared.storage import store

GLOSSES = 100
"""That are read."""


def look_at_label_vectors(uri: str) -> None:
    """Read a file's kind, columns or arrays, and sizes; of a remote one only these.

    Args:
        uri: A path or an address.

    Raises:
        ValueError: It is of no kind that is read, or too large; the file is named.
    """
    with store.open_seekable(uri) as stream, said_of_file(uri):
        recognised(stream)


def look_at_glosses(uri: str) -> None:
    """Read the first glosses of a file.

    Args:
        uri: A path or an address.

    Raises:
        ValueError: One of them is broken; file and line are named.
    """
    for _ in islice(glosses_in(uri), GLOSSES):
        pass
