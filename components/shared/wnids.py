"""What a wnid is: an n, as of a noun, and the eight digits of the synset's offset in WordNet."""

import re

WNID = r"n\d{8}"
"""Its pattern, to stand in that of a longer name."""


def is_wnid(text: str) -> bool:
    """Whether a text is a wnid, such as n01443537, and nothing more."""
    return re.fullmatch(WNID, text) is not None
