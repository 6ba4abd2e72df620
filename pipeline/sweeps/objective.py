"""What a sweep compares its trials by: a figure of a training, never one of the test images."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.shared.artifacts.evaluation import DEVISE as OWN_MODEL
from components.shared.artifacts.evaluation import RANDOM as RANDOM_MODEL
from components.shared.settings.variants import parse_variant
from pipeline.dag import DEVISE, SKIPGRAM, VISUAL

ALLOWED: Mapping[str, tuple[str, ...]] = {
    DEVISE: ("validation_hit_at_1", "phase_1_validation_hit_at_1"),
    VISUAL: ("best_validation_hit_at_1", "best_validation_loss"),
    SKIPGRAM: ("simlex_999_spearman", "wordsim_353_spearman", "hierarchy_spearman"),
}
"""What each stage finds out without a test image."""
OF_TEST_IMAGES = ("fit_baselines", "rank_images", "evaluate", "draw_report", "register_model")
MAXIMISE: Final = "maximise"
MINIMISE: Final = "minimise"


@dataclass(frozen=True)
class Objective:
    """A figure and its direction.

    Attributes:
        task: The task that finds it out, `train_devise-devise`.
        metric: Its name there.
        direction: `maximise` or `minimise`.
    """

    task: str
    metric: str
    direction: str

    @property
    def stage(self) -> str:
        """The task's stage, after which a trial ends."""
        return self.task.partition("-")[0]

    @property
    def name(self) -> str:
        """As it is written in a sweep's file."""
        return f"{self.task}/{self.metric}"

    def of_tasks(self, records: Iterable[Mapping[str, Any]]) -> float:
        """The figure among the records of a run's tasks.

        Raises:
            ValueError: The run has no such task, or the task did not find it out as a number.
        """
        found = {record["task"]: record["metrics"] for record in records}
        if self.metric not in found.get(self.task, {}):
            raise ValueError(self.missing(sorted(found)))
        figure = float(found[self.task][self.metric])
        if not math.isfinite(figure):
            raise ValueError(f"{self.name} is {figure}, no number: the training diverged.")
        return figure

    def missing(self, tasks: Iterable[str]) -> str:
        """Say that a run does not have it.

        Args:
            tasks: Those that the run has.
        """
        return (
            f"The run has no {self.name}: name a task that it has ({', '.join(tasks)}), and for "
            "figures of pairs of words a text that holds them."
        )


def objective_of(text: str, direction: str) -> Objective:
    """Read `TASK/METRIC`.

    Raises:
        ValueError: It is a figure of the test images, or none that a sweep can compare by.
    """
    task, _, metric = text.partition("/")
    found = Objective(task, metric, direction)
    if found.stage in OF_TEST_IMAGES or "/" in metric:
        raise ValueError(
            f"{text} is a figure of the test images: settings chosen by it would be fitted to "
            f"them, and the figures then reported too good; choose {_choices()}."
        )
    if metric not in ALLOWED.get(found.stage, ()):
        raise ValueError(
            f"{text} is no figure that trials can be compared by: choose {_choices()}."
        )
    return found


def check_task(objective: Objective, values: Mapping[str, Any]) -> None:
    """Check that a run with these settings has the objective's task.

    Args:
        objective: Of a figure that trials can be compared by.
        values: Every setting.

    Raises:
        ValueError: It has not; the tasks of that stage are named.
    """
    tasks = [objective.stage]
    if objective.stage == DEVISE:
        variants = [parse_variant(text).name for text in values["devise_variants"]]
        tasks = [f"{DEVISE}-{name}" for name in (OWN_MODEL, RANDOM_MODEL, *variants)]
    if objective.task not in tasks:
        raise ValueError(f"there is no task {objective.task}, only {', '.join(tasks)}.")


def _choices() -> str:
    names = {DEVISE: f"{DEVISE}-devise"}
    every = [f"{names.get(stage, stage)}/{one}" for stage in ALLOWED for one in ALLOWED[stage]]
    return f"{', '.join(every[:-1])} or {every[-1]}"
