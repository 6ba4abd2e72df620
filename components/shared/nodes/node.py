"""A node of several: `python -m components.shared.nodes.node MODULE ADDRESS ATTEMPT` in a pod.

Kubeflow Trainer says in its environment, as it does for torchrun, which node it is and where the
first one is.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from components.shared.execution.ending import ended_by_sigterm
from components.shared.execution.liveness import repeated
from components.shared.execution.pod import check_pod
from components.shared.execution.progress import say
from components.shared.nodes.crew import Crew
from components.shared.nodes.handover import Handover
from components.shared.processes.launching import Node, launched, processes_here

SECONDS_BETWEEN_LOOKS = 60.0
LOST_SECONDS = 900.0
"""Without a sign of life of its stage for so long a node ends: nobody would fetch its work."""
AUTO = "auto"


def main(arguments: Sequence[str]) -> None:
    """Take part in a stage's work, until it is done or something hinders it."""
    module, uri, attempt = arguments
    with ended_by_sigterm():
        take_part(import_module(module).CREW, Handover(uri, attempt), os.environ)


def take_part(crew: Crew, handover: Handover, environment: Mapping[str, str]) -> None:
    """Do this node's part; what hinders it is reported to the stage, and raised.

    Args:
        crew: The stage's work.
        handover: Where the stage has left what it takes.
        environment: As Kubeflow Trainer gives it to the node's pod.

    Raises:
        ValueError: The work raises it, or this is not what the stage was compiled for.
        RuntimeError: The node has begun before, and was ended then; or a process has ended.
    """
    node = this_node(environment)
    try:
        check_pod(crew.stage)
        if not handover.enter(node.rank):
            raise RuntimeError("the cluster ended it, and began it again")
        with (
            tempfile.TemporaryDirectory() as folder,
            ended_without(handover.last_beat, SECONDS_BETWEEN_LOOKS, LOST_SECONDS),
        ):
            _work(crew, handover, node, environment, Path(folder))
    except Exception as error:
        handover.report(node.rank, error)
        raise


def this_node(environment: Mapping[str, str]) -> Node:
    """Which node this is, as torchrun would read it."""
    return Node(
        rank=int(environment["PET_NODE_RANK"]),
        nodes=int(environment["PET_NNODES"]),
        host=environment["PET_MASTER_ADDR"],
        port=int(environment["PET_MASTER_PORT"]),
    )


def _work(
    crew: Crew, handover: Handover, node: Node, environment: Mapping[str, str], folder: Path
) -> None:
    asked = environment.get("PET_NPROC_PER_NODE", AUTO)
    processes = processes_here(0 if asked == AUTO else int(asked), crew.processes)
    given = handover.receive(crew.settings, folder)
    say(f"node {node.rank} of {node.nodes}, with {processes} process(es)")
    log = handover.logging() if node.rank == 0 else _nowhere
    figures = launched(processes, partial(crew.work, given), log, node)
    if node.rank == 0:
        handover.finish(given.output, figures)


def _nowhere(_metrics: Mapping[str, float], _step: int | None) -> None:
    """The first node logs."""


@contextmanager
def ended_without(beat: Callable[[], Any], seconds: float, lost: float) -> Iterator[None]:
    """End this process, as SIGTERM does, once the signs of life cease while the context lasts.

    Args:
        beat: Returns the last sign; what it raises is told, and is no silence.
        seconds: Between two looks.
        lost: Seconds of silence that are too many.
    """
    last, seen = None, time.monotonic()

    def look() -> bool:
        nonlocal last, seen
        try:
            found = beat()
        except ValueError as error:
            say(f"signs of life of the stage cannot be read: {error}")
            return True
        if found != last:
            last, seen = found, time.monotonic()
        elif time.monotonic() - seen > lost:
            say("the stage gives no sign of life any more: the node ends")
            os.kill(os.getpid(), signal.SIGTERM)
            return False
        return True

    with repeated(look, seconds, "stage"):
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
