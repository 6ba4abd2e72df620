"""The callers of a function, without the source around them.

kfp asks for them with `inspect.stack` each time that something is set on a task, and takes the name
of one. With the source around each, that is a third of `compile`, and more where more is imported.
"""

import inspect
import sys
from types import FrameType


def callers() -> list[inspect.FrameInfo]:
    """What `inspect.stack` gives, without the lines of source."""
    found: list[inspect.FrameInfo] = []
    frame: FrameType | None = sys._getframe(1)
    while frame:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        found.append(inspect.FrameInfo(frame, file, frame.f_lineno, name, None, None))
        frame = frame.f_back
    return found
