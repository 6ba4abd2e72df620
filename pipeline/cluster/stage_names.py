"""Names of stages as a person gives them."""

import difflib

from pipeline.cluster.sizes import STAGES


def known_stage(name: str) -> str:
    """The name, where it is that of a stage.

    Raises:
        ValueError: There is none; the nearest name is given.
    """
    if name in STAGES:
        return name
    raise ValueError(f"There is no stage {name!r}: {nearest(name, STAGES)}")


def nearest(name: str, allowed: tuple[str, ...]) -> str:
    """What may have been meant, as the end of a sentence."""
    near = difflib.get_close_matches(name, allowed, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(allowed)}."
