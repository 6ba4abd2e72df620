"""The order of tasks on one machine: what is nearest to the start comes first.

kfp.local goes down one branch to its end before it begins the next, so that a text that cannot be
read would be noticed only when the images are trained on. So every input is read before that.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from kfp.local import graph_utils

from pipeline.replaced import replaced


def inputs_first() -> AbstractContextManager[None]:
    """Make kfp.local order tasks by `stack` while the context lasts."""
    return replaced(graph_utils, "topological_sort_tasks", stack)


def stack(tasks: Mapping[str, Any]) -> list[str]:
    """Names of a graph's tasks, the first to run at the end; takes what kfp's function takes.

    A task's place is the length of the longest way to it; those of one place go by their names.
    """

    @cache
    def steps(name: str) -> int:
        before = [other for other in tasks[name].dependent_tasks if other in tasks]
        return 1 + max(map(steps, before), default=0)

    return sorted(tasks, key=lambda name: (steps(name), name), reverse=True)
