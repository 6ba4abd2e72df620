"""A command ends without a word where nobody reads on, as in `pipeline.py parameters | head`."""

import os
import select
import sys
from collections.abc import Callable
from typing import TextIO

UNREAD = 141
"""What a shell says of a program that ended for want of a reader: 128 + SIGPIPE."""


def ended_quietly(command: Callable[[], int]) -> int:
    """Do what a command does, to the last line that it prints.

    Args:
        command: Returns the process's exit code.

    Returns:
        Its exit code, or `UNREAD` where the reader of its output has gone.

    Raises:
        BrokenPipeError: Something else broke, such as a connection.
    """
    try:
        code = command()
        for stream in _streams():
            stream.flush()
    except BrokenPipeError:
        closed = [stream for stream in _streams() if _has_no_reader(stream)]
        if not closed:
            raise
        for stream in closed:
            _lead_nowhere(stream)
        return UNREAD
    return code


def _streams() -> list[TextIO]:
    """Return those that there are: a process may be started without any (`>&-`)."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _has_no_reader(stream: TextIO) -> bool:
    """Whether a stream is a pipe that was closed at its other end."""
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _lead_nowhere(stream: TextIO) -> None:
    """Let Python's own flush at its end succeed: it would complain of what is still held back."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
