"""Executes a task, in a process of its own or in that of the run."""

import threading

from components.shared.execution.code_version import ROOT, code_version
from components.shared.execution.finished_stages import Unfinished, only_finished
from components.shared.execution.run_folder import FAILURES, record_failure, records, run_folder
from pipeline.local.stopping import NOT_BEGUN, current
from pipeline.local.task import Task

FAILED = 1


def execute(task: Task) -> int:
    """Execute a task; what it fails with is left in the run's folder, for whoever started it.

    One of a stage whose code is not what its command began with fails: its result would be kept as
    that of other code.

    Returns:
        The exit status.
    """
    try:
        _check_code(task)
        task.execute()
    except Exception as error:
        _keep(task.function, error)
        return FAILED
    return 0


def _check_code(task: Task) -> None:
    version = task.parameters.get("code_version")
    if version is not None and version != code_version(task.function):
        raise ValueError(
            f"The code of {task.function} was changed after the command had begun: give the "
            "command again, which works with the code as it is now."
        )


def execute_here(task: Task) -> int | None:
    """Do in this process what needs none of its own: open the run, and take finished stages.

    Returns:
        The exit status; None: the task has to work.
    """
    if not (ROOT / "components" / task.function / "component.py").is_file():
        return None
    # Signals are heard in the main thread: what another one is at, such as a loop's task, is short,
    # and comes to its own end.
    is_main = threading.current_thread() is threading.main_thread()
    try:
        with current().working(_interrupt if is_main else _go_on), only_finished():
            return execute(task)
    except Unfinished:
        return None
    except _Interrupted:
        return NOT_BEGUN


class _Interrupted(BaseException):
    """The run ends; no error, so nothing that handles errors may handle it."""


def _interrupt(_at_once: bool) -> None:
    # A failure of another task is told in that one's thread.
    if threading.current_thread() is threading.main_thread():
        raise _Interrupted


def _go_on(_at_once: bool) -> None:
    pass


def _keep(function: str, error: Exception) -> None:
    """Leave an error in the run's folder that the stage has not left there itself."""
    folder = run_folder()
    left = records(folder, FAILURES) if folder else []
    if any(failure["message"] == str(error) for failure in left):
        return
    try:
        with record_failure(function):
            raise error
    except type(error):
        pass
