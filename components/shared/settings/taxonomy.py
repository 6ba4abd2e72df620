"""Parameters of prepare_taxonomy."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class TaxonomyConfig:
    """Where the synsets and their hierarchy come from.

    Attributes:
        uri: a folder, local or s3://, with the hierarchy and words.txt, which goes before terms
            that the hierarchy's file has itself and may then be absent.
        edges: the hierarchy's file in that folder: WordNet's `data.noun`, ImageNet's
            structure_released.xml (any name in `.xml`), both with terms, or an edge list;
            `parent child` a line where its name contains "is_a", else undirected pairs.
    """

    prefix: ClassVar[str] = "taxonomy"

    uri: str = ""
    edges: str = "imagenet.structure.txt"
