"""Tells of labels that share a term with one of the other role."""

import pandas as pd

from components.shared.artifacts.label_space import SharingPair
from components.shared.artifacts.shared_terms import named_pairs
from components.shared.execution.progress import say

SHOWN = 5
"""Pairs that are said; the artifact has all."""


def say_pairs(pairs: list[SharingPair], labels: pd.DataFrame) -> None:
    """Say by name which labels share a term; nothing where there are none.

    Args:
        pairs: All of them.
        labels: Of the label space: wnid, terms.
    """
    if not pairs:
        return
    shown = "; ".join(named_pairs(pairs[:SHOWN], labels))
    say(
        f"map_synsets: a term is shared by {len(pairs)} pairs of a seen and an unseen label"
        f": {shown}{'; ...' if len(pairs) > SHOWN else ''}"
    )
