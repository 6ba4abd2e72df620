"""Who does a stage's work: one process, several on this machine, or several nodes of a cluster."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from components.shared.execution.progress import LogMetrics
from components.shared.execution.stage_run import StageRun
from components.shared.nodes.handover import Given
from components.shared.processes.launching import Figures, in_processes


@dataclass(frozen=True)
class Crew:
    """A stage's work, as each process does it.

    A node of a cluster finds it as `CREW` in the module of its `work`.

    Attributes:
        stage: The stage's name.
        group: Of its settings, which has `processes` and `nodes`.
        settings: The group's model.
        work: A module's function; processes find each other by `torch.distributed`.
        is_shared: Whether several can share the work with these settings.
    """

    stage: str
    group: str
    settings: type[BaseModel]
    work: Callable[[Given, LogMetrics], Figures]
    is_shared: Callable[[Any], bool] = lambda _config: True

    @property
    def processes(self) -> str:
        """Public name of the setting that says how many processes a machine has."""
        return f"{self.group}_processes"

    @property
    def nodes(self) -> str:
        """Public name of the setting that says how many nodes there are."""
        return f"{self.group}_nodes"


def work_together(crew: Crew, run: StageRun) -> Figures:
    """Do a stage's work in as many processes and nodes as its settings say.

    Returns:
        The figures of the first process.

    Raises:
        ValueError: The work raises it, or so many cannot be had here.
        RuntimeError: A process or a node ended before its work was done.
    """
    config: Any = run.config
    (output,) = run.outputs.values()
    inputs = {name: Path(artifact.path) for name, artifact in run.inputs.items()}
    given = Given(config, inputs, Path(output.path), run.checkpoints)
    is_shared = crew.is_shared(config)
    if is_shared and config.nodes > 1:
        # Brings the client of Kubernetes.
        from components.shared.nodes.following import on_nodes

        return on_nodes(crew, given, run.key, run.log)
    processes = config.processes if is_shared else 1
    return in_processes(processes, crew.processes, partial(crew.work, given), run.log)
