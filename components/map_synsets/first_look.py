"""Opens label vectors made elsewhere before a run: what their file says of itself."""

from components.map_synsets.label_vectors import recognised, said_of_file
from components.shared.storage import store


def look_at_label_vectors(uri: str) -> None:
    """Read a file's kind, columns or arrays, and sizes; of a remote one only these.

    Args:
        uri: A path or an address.

    Raises:
        ValueError: It is of no kind that is read, or too large; the file is named.
    """
    with store.open_seekable(uri) as stream, said_of_file(uri):
        recognised(stream)
