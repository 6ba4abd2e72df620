"""Work that nodes of tests do; they find it here by its name."""

from components.shared.nodes.crew import Crew
from components.shared.nodes.handover import Given
from components.shared.processes.launching import Figures
from components.shared.processes.ranks import is_first, rank, ranks
from components.shared.settings.visual import VisualSettings


def work(given: Given, log: object) -> Figures:
    """Leave what this process knows, or fail at an index that is empty."""
    text = (given.inputs["image_index"] / "index").read_text()
    if not text:
        raise ValueError("The index is empty: give images.")
    if is_first():
        given.output.mkdir()
        (given.output / "copy").write_text(text)
    return {"ranks": float(ranks()), "rank": float(rank())}


CREW = Crew("pretrain_visual", "visual", VisualSettings, work)
ALONE = Crew("pretrain_visual", "visual", VisualSettings, work, lambda _config: False)
