"""Runs each task of the graph in a process of its own group, in place of kfp.local's way.

kfp starts a Python for each task, which takes seconds to import what the task needs, and gives it
its input on the command line, where everybody on the machine can read the signed addresses in it.
Here one process imports what the stages need, once, and each task is a fork of it, given its input
by a pipe; it ends with this process, however that ends. Where forks are unsafe, as on macOS, each
task is a new Python, started the same way.
"""

import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import tempfile
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from functools import cache
from io import IncrementalNewlineDecoder, TextIOWrapper
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import NoReturn, cast

from kfp.local import subprocess_task_handler

from pipeline.local.executor import execute, execute_here
from pipeline.local.stopping import current, ends_the_run
from pipeline.local.task import Task, task_of
from pipeline.replaced import replaced

PRELOADED = ("pipeline.local.preloaded", "pipeline.local.quick_end")
"""What the process imports that tasks are forks of."""
HEARD_SECONDS = 0.5
"""So long a signal may go unheard."""
PIECE = 65_536
"""Bytes that are read at once."""


def own_groups() -> AbstractContextManager[None]:
    """Make kfp.local run its processes by `run_process` while the context lasts."""
    # Where forks are asked for stays there for good: not in a run's own temporary folder.
    multiprocessing.util.get_temp_dir()
    return replaced(subprocess_task_handler, "run_local_subprocess", run_process)


def start_ahead() -> None:
    """Begin the imports that the first task would wait for, beside what is done before it."""
    if isinstance(_processes(), ForkServerContext):
        forkserver.ensure_running()


@ends_the_run
def run_process(full_command: list[str], env_vars: Mapping[str, str] | None = None) -> int:
    """Run a task to its end, its output printed; takes what kfp's function of its place takes.

    Returns:
        The exit status; negative: the signal that ended it.
    """
    task = task_of(full_command)
    status = execute_here(task)
    return _forked(task, {**os.environ, **(env_vars or {})}) if status is None else status


def _forked(task: Task, environment: dict[str, str]) -> int:
    said, says = _processes().Pipe(duplex=False)
    ends, alive = _processes().Pipe(duplex=False)
    # As connections they reach the process, which holds them as long as it lives.
    held = [Connection(os.dup(number), writable=False) for number in current().held]
    process = _processes().Process(
        target=_work, args=(task, environment, os.getcwd(), says, ends, held)
    )
    process.start()
    for connection in (says, ends, *held):
        connection.close()
    pid = cast(int, process.pid)
    with alive, current().working(lambda at_once: _end(pid, at_once)):
        _print(said)
        process.join()
    return cast(int, process.exitcode)


def _print(said: Connection) -> None:
    with said:
        for line in _lines(said):
            # What a stage says of being stopped is of no use to who stopped it.
            if not current().is_set:
                sys.stdout.write(line)


def _lines(said: Connection) -> Iterator[str]:
    """What comes through a pipe as text, line by line; signals are heard while it is silent."""
    decoder = IncrementalNewlineDecoder(getincrementaldecoder("utf-8")("replace"), translate=True)
    rest, piece = "", b"-"
    while piece:
        # A signal that comes just before a read does not end it: Python hears it after the wait.
        while not said.poll(HEARD_SECONDS):
            pass
        piece = os.read(said.fileno(), PIECE)
        *whole, rest = (rest + decoder.decode(piece, final=not piece)).split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest


@cache
def _processes() -> ForkServerContext | SpawnContext:
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _work(
    task: Task,
    environment: Mapping[str, str],
    folder: str,
    says: Connection,
    ends: Connection,
    _held: list[Connection],
) -> NoReturn:
    """What the process does, as if it had been started for this alone."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # It remembers the first TMPDIR that it saw.
    tempfile.tempdir = None
    for stream in (sys.stdout, sys.stderr):
        os.dup2(says.fileno(), stream.fileno())
        cast(TextIOWrapper, stream).reconfigure(line_buffering=True)
    threading.Thread(target=_end_with, args=(ends,), name="end-with-run", daemon=True).start()
    sys.exit(execute(task))


def _end_with(ends: Connection) -> None:
    """Wait for the end of the run's process, and kill the group."""
    with suppress(EOFError):
        ends.recv_bytes()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _end(pid: int, at_once: bool) -> None:
    number = signal.SIGKILL if at_once else signal.SIGTERM
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        # It has ended, or has not come to make its group.
        with suppress(ProcessLookupError):
            os.kill(pid, number)
