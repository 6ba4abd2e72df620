"""Starts a stage's work in several processes, which torch's own launcher looks after.

Where several nodes work together each starts those of its own, and they find each other.

The process that starts them keeps what a stage has of the platform: it logs what they report, and
is told what hinders them. If one dies the others are ended, and the stage with them; it goes on
from its last checkpoint, with any number of processes.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from components.shared.device import pick_device
from components.shared.execution.ending import STATUS
from components.shared.execution.progress import LogMetrics, say
from components.shared.processes.ranks import is_first, local_rank, local_ranks

Figures = dict[str, float]
Work = Callable[..., Figures]
"""A function of a module, or a partial of one, whose arguments can be pickled."""

HERE = "127.0.0.1"
LOOPBACK = "lo" if sys.platform == "linux" else "lo0"
METHOD = "forkserver" if sys.platform == "linux" else "spawn"
REPLICAS = "components.shared.processes.replicas"
PATIENCE = timedelta(days=1)
"""How long a process waits for the others, such as for one that uploads a checkpoint."""
SECONDS_FOR_OTHERS = 5.0
"""How long an error that may be another process's death is held back, so that this one counts."""
SECONDS_BETWEEN_LOOKS = 0.2


class ProcessDied(RuntimeError):
    """A process ended, and left no word of what hindered it."""


@dataclass(frozen=True)
class Node:
    """One of several machines that work together.

    Attributes:
        rank: Its number, counted from 0.
        nodes: How many there are.
        host: Name or address of the first.
        port: Where the first is called by the others.
    """

    rank: int
    nodes: int
    host: str
    port: int


def in_processes(
    processes: int, setting: str, work: Work, log: LogMetrics | None = None
) -> Figures:
    """Do work in so many processes; in this one, where that is one.

    Args:
        processes: How many; 0: as many as there are GPUs, and one without.
        setting: What they are set by.
        work: What each does; they find each other by `torch.distributed`. It is called with
            `log`, where there is one.
        log: Takes what the first process logs.

    Returns:
        What the first process's work returns.

    Raises:
        ValueError: There are GPUs, and fewer than processes; or the work raises it.
        ProcessDied: A process ended before its work was done.
    """
    number = processes_here(processes, setting)
    if number == 1:
        return work() if log is None else work(log=log)
    place = "a GPU" if torch.cuda.device_count() else "the CPU"
    say(f"{number} processes work together, each on {place}")
    return launched(number, work, log)


def processes_here(processes: int, setting: str) -> int:
    """Return how many processes this machine is to have.

    Args:
        processes: As for `in_processes`.
        setting: What they are set by.

    Raises:
        ValueError: There are GPUs, and fewer than processes.
    """
    gpus = torch.cuda.device_count()
    number = processes or max(1, gpus)
    if gpus and number > gpus:
        raise ValueError(
            f"{setting} is {processes} and this machine has {gpus} GPU(s), which a process each "
            f"can use: set it to {gpus} or 0."
        )
    return number


def launched(
    number: int, work: Work, log: LogMetrics | None = None, node: Node | None = None
) -> Figures:
    """Do work in new processes, as `in_processes` does, even in a single one.

    Args:
        number: How many there are on this machine.
        work: As for `in_processes`.
        log: Takes what the first process of all logs, on the node that it is on.
        node: Which of several machines this is; None: there is one.

    Returns:
        What the work of the first process of this machine returns.

    Raises:
        ValueError: The work raises it.
        ProcessDied: A process ended before its work was done.
    """
    context = multiprocessing.get_context(METHOD)
    if METHOD == "forkserver":
        # What takes long to import is imported once for all.
        multiprocessing.set_forkserver_preload([__name__, REPLICAS, _module_of(work)])
    pipes = [context.Pipe(duplex=False) for _ in range(number)]
    report = _Report([said for said, _ in pipes], log)
    told = [says for _, says in pipes]
    ends, alive = context.Pipe(duplex=False)
    with alive, report.listening(), _signals_kept(), _without_launcher_logs():
        try:
            results: dict[int, Figures] = elastic_launch(_config(number, node), _rank)(
                work, log is not None, dict(os.environ), told, ends
            )
        except SignalException as ended:
            raise SystemExit(STATUS) from ended
        except ChildFailedError as failed:
            report.stop()
            raise report.error_of(failed, number * (node.nodes if node else 1)) from failed
    return results[min(results)]


def _module_of(work: Any) -> str:
    return str(getattr(work, "func", work).__module__)


def _config(number: int, node: Node | None) -> LaunchConfig:
    return LaunchConfig(
        min_nodes=node.nodes if node else 1,
        max_nodes=node.nodes if node else 1,
        nproc_per_node=number,
        max_restarts=0,
        start_method=METHOD,
        signals_to_handle="SIGTERM",
        **(_meeting(node) if node else _by_itself()),
    )


def _by_itself() -> dict[str, Any]:
    return {
        "run_id": str(os.getpid()),
        "rdzv_backend": "c10d",
        "rdzv_endpoint": f"{HERE}:0",
        "local_addr": HERE,
    }


def _meeting(node: Node) -> dict[str, Any]:
    """How nodes find each other: all call the first, which may take its time to be there."""
    return {
        "run_id": "nodes",
        "rdzv_backend": "static",
        "rdzv_endpoint": f"{node.host}:{node.port}",
        "rdzv_configs": {"rank": node.rank, "timeout": int(PATIENCE.total_seconds())},
    }


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Take the launcher's handler of SIGTERM away again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _without_launcher_logs() -> Iterator[None]:
    """What the launcher logs of a failure says no more than the error that is raised."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


class _Report:
    """Hears what processes log and what hinders them, while they work."""

    def __init__(self, said: list[Connection], log: LogMetrics | None) -> None:
        self._said, self._log = said, log
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="ranks", daemon=True)
        self._errors: dict[int, Exception] = {}
        self._own: BaseException | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the context lasts; what cannot be logged is raised at its end."""
        self._thread.start()
        try:
            yield
        finally:
            self.stop()
        if self._own:
            raise self._own

    def stop(self) -> None:
        """Hear what is said already, and no more."""
        self._over.set()
        self._thread.join()

    def error_of(self, failed: ChildFailedError, number: int) -> Exception:
        """What ended the processes, in a sentence."""
        rank, failure = failed.get_first_failure()
        return self._errors.get(failure.local_rank) or ProcessDied(
            f"Process {rank} of {number} ended with status {failure.exitcode} (-9: it was killed, "
            "as for want of memory): start the run again, which goes on after the last epoch."
        )

    def _listen(self) -> None:
        while ready := wait(self._said, SECONDS_BETWEEN_LOOKS) or not self._over.is_set():
            for said in ready if isinstance(ready, list) else []:
                self._hear(said)

    def _hear(self, said: Any) -> None:
        message = said.recv()
        if isinstance(message, Exception):
            self._errors[self._said.index(said)] = message
        elif self._log:
            try:
                self._log(*message)
            except BaseException as error:
                self._own, self._log = error, None


def _rank(
    work: Work,
    is_logged: bool,
    environment: Mapping[str, str],
    told: list[Connection],
    ends: Connection,
) -> Figures:
    """What each process does."""
    threading.Thread(target=_end_with, args=(ends,), name="end-with-stage", daemon=True).start()
    os.environ.update(environment)
    says = told[local_rank()]
    try:
        _join()
        found = work(**_logging(says)) if is_logged else work()
    except Exception as error:
        error.add_note(traceback.format_exc())
        says.send(error)
        if not isinstance(error, ValueError):
            time.sleep(SECONDS_FOR_OTHERS)
        raise
    dist.destroy_process_group()
    return found


def _end_with(ends: Connection) -> None:
    """Wait for the end of the process that started this one, however it ends, and end too."""
    with suppress(EOFError):
        ends.recv_bytes()
    os.kill(os.getpid(), signal.SIGKILL)


def _join() -> None:
    device = pick_device()
    backend = "gloo"
    if device.type == "cuda":
        torch.cuda.set_device(device)
        backend = "cpu:gloo,cuda:nccl"
    if int(os.environ["WORLD_SIZE"]) == local_ranks():
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK)
    dist.init_process_group(backend, timeout=PATIENCE)
    if not is_first():
        # Until the process ends.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


def _logging(says: Connection) -> dict[str, LogMetrics]:
    def log(metrics: Mapping[str, float], step: int | None) -> None:
        if is_first():
            says.send((dict(metrics), step))

    return {"log": log}
