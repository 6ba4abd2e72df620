"""Runs each task of the graph in a process of its own group, through kfp.local.

kfp gives a task its input on the command line, where everybody on the machine can read the signed
addresses in it; here it comes by the process's stdin, which then stays open as long as this process
lives, so that a task ends with it however it ends.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress

from kfp.local import subprocess_task_handler

from pipeline.local.replaced import replaced
from pipeline.local.stopping import current, ends_the_run

_EXECUTOR = re.compile(r"_KFP_RUNTIME=true (\S+) -m kfp\.dsl\.executor_main")
_OURS = r"_KFP_RUNTIME=true exec \1 -P -m pipeline.local.executor"
"""With `exec` the process is the task itself, and -P keeps the working folder's modules out."""
_INPUT = "--executor_input"


def own_groups() -> AbstractContextManager[None]:
    """Make kfp.local run its processes by `run_process` while the context lasts."""
    return replaced(subprocess_task_handler, "run_local_subprocess", run_process)


@ends_the_run
def run_process(full_command: list[str], env_vars: Mapping[str, str] | None = None) -> int:
    """Run a task to its end, its output printed; takes what kfp's function of its place takes.

    Returns:
        The exit status; negative: the signal that ended it.
    """
    command, given = without_input(full_command)
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(env_vars or {})},
        start_new_session=True,
        pass_fds=current().held,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with current().working(lambda at_once: _end(process, at_once)):
            with suppress(BrokenPipeError):
                process.stdin.write(f"{given}\n")
                process.stdin.flush()
            for line in process.stdout:
                # What a stage says of being stopped is of no use to who stopped it.
                if not current().is_set:
                    sys.stdout.write(line)
            return process.wait()


def without_input(full_command: list[str]) -> tuple[list[str], str]:
    """Split kfp's command into one that takes the task's input by stdin, and that input, a line."""
    place = full_command.index(_INPUT)
    rest = [*full_command[:place], *full_command[place + 2 :]]
    changed = [
        _EXECUTOR.sub(_OURS, part, count=1) if "ephemeral" in part else part for part in rest
    ]
    assert changed != rest, "kfp starts its executor in another way"
    return changed, json.dumps(json.loads(full_command[place + 1]))


def _end(process: subprocess.Popen[str], at_once: bool) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL if at_once else signal.SIGTERM)
