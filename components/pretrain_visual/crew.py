"""The training, as each of its processes does it: on one machine or on several nodes."""

from components.pretrain_visual.training import NAME, pretrain_visual
from components.shared.execution.progress import LogMetrics
from components.shared.nodes.crew import Crew
from components.shared.nodes.handover import Given
from components.shared.processes.launching import Figures
from components.shared.settings.visual import VisualSettings


def work(given: Given, log: LogMetrics) -> Figures:
    """Train the visual network."""
    index, start = given.inputs["image_index"], given.inputs.get("start")
    return pretrain_visual(given.config, index, given.output, given.checkpoints, log, start)


CREW = Crew(NAME, "visual", VisualSettings, work)
