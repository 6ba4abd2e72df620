"""Parameters of prepare_taxonomy."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class TaxonomyConfig:
    """Where the synsets and their hierarchy come from.

    Attributes:
        uri: a folder, local or s3://, with words.txt and the edge list.
        edges: the edge list's name in that folder; `parent child` a line where the name contains
            "is_a", else undirected pairs.
    """

    prefix: ClassVar[str] = "taxonomy"

    uri: str = ""
    edges: str = "imagenet.structure.txt"
