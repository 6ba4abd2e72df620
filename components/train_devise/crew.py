"""The training, as each of its processes does it: on one machine or on several nodes."""

from components.shared.execution.progress import LogMetrics
from components.shared.nodes.crew import Crew
from components.shared.nodes.handover import Given
from components.shared.processes.launching import Figures
from components.shared.settings.devise import DeviseSettings
from components.train_devise.training import Inputs, write_devise_model


def work(given: Given, log: LogMetrics) -> Figures:
    """Train both phases."""
    inputs = Inputs(**given.inputs)
    return write_devise_model(given.config, inputs, given.output, given.checkpoints, log)


def is_shared(config: DeviseSettings) -> bool:
    """Whether the whole network is trained: phase 1 is one process's work."""
    return config.phase_2_epochs > 0


CREW = Crew("train_devise", "devise", DeviseSettings, work, is_shared)
