"""Python processes that serve the one which starts them, over a connection, and end with it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from components.shared.execution.code_version import ROOT

PROGRAM = "from {} import serve; serve({})"


@dataclass(frozen=True)
class Child:
    """One such process.

    Attributes:
        process: It.
        connection: To it; closed, also by the end of this process, it ends.
    """

    process: subprocess.Popen[bytes]
    connection: Connection

    def end(self) -> None:
        """End it now."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


def start(module: str) -> Child:
    """Start a Python that serves as a module says.

    Args:
        module: One with a function `serve`, which is given the descriptor of the connection, serves
            until that is closed, and leaves Ctrl-C to whoever started it.
    """
    ours, theirs = Pipe()
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM.format(module, theirs.fileno())],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return Child(process, ours)
