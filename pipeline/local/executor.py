"""Starts KFP's executor in a task's process: its input comes by stdin, and it ends with its parent.

Runs as `python -m pipeline.local.executor`, with KFP's other arguments behind.
"""

import os
import signal
import sys
import threading

from components.shared.execution.run_folder import FAILURES, record_failure, records, run_folder


def main() -> int:
    """Run the task; what it fails with is left in the run's folder, and told by who started it.

    Returns:
        The exit status.
    """
    sys.argv += ["--executor_input", sys.stdin.readline().rstrip("\n")]
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    from kfp.dsl.executor_main import executor_main

    try:
        executor_main()
    except Exception as error:
        _keep(error)
        return 1
    return 0


def _end_with_parent() -> None:
    """Wait for the end of stdin, which is the parent's end, and kill the group."""
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _keep(error: Exception) -> None:
    """Leave an error in the run's folder that the stage has not left there itself."""
    folder = run_folder()
    left = records(folder, FAILURES) if folder else []
    if any(failure["message"] == str(error) for failure in left):
        return
    name = sys.argv[sys.argv.index("--function_to_execute") + 1]
    try:
        with record_failure(name):
            raise error
    except type(error):
        pass


if __name__ == "__main__":
    sys.exit(main())
