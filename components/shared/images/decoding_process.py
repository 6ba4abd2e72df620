"""A process that decodes crops into memory which it shares with the process that started it.

It ends with that process, however that ends: their connection is closed then. It imports no torch,
so that it starts in tenths of a second and takes little memory.
"""

import mmap
import os
import pickle
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from components.shared.images.crops import ImageView, decode_all
from components.shared.images.places import Files, Place

NICENESS = 5
"""It gives way to the process that computes."""


@dataclass(frozen=True)
class Memory:
    """Memory that crops are to be written to; its file's descriptor follows by itself.

    Attributes:
        number: What it is called from now on.
        size: Bytes.
    """

    number: int
    size: int


@dataclass(frozen=True)
class Request:
    """Images to decode.

    Attributes:
        memory: Number of the memory.
        slot: What the asking process calls the batch; it comes back with the answer.
        start: Where the first crop goes, bytes from the beginning of the memory.
        places: Where the encoded images are.
        view: Sizes of the crops.
        draws: Float [images, 5], of random crops; None: centre crops.
    """

    memory: int
    slot: int
    start: int
    places: list[Place]
    view: ImageView
    draws: np.ndarray | None


@dataclass(frozen=True)
class Answer:
    """That the images of a request are decoded, or what hinders it.

    Attributes:
        memory: As in the request.
        slot: As in the request.
        start: As in the request.
        images: Number of images.
        error: What decoding them raised.
    """

    memory: int
    slot: int
    start: int
    images: int
    error: Exception | None = None


def serve(descriptor: int) -> None:
    """Answer requests until the connection is closed.

    Args:
        descriptor: Of the connection, a socket.
    """
    # Ctrl-C goes to all processes of a terminal: the one that started this says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    files, memories = Files(), dict[int, mmap.mmap]()
    with Connection(descriptor) as asker, suppress(EOFError, ConnectionError):
        while True:
            asked: Memory | Request = asker.recv()
            if isinstance(asked, Memory):
                memories[asked.number] = _received(asker, asked)
            else:
                asker.send(_answer(asked, files, memories[asked.memory]))


def _received(asker: Connection, memory: Memory) -> mmap.mmap:
    descriptor = reduction.recv_handle(asker)
    try:
        return mmap.mmap(descriptor, memory.size)
    finally:
        os.close(descriptor)


def _answer(asked: Request, files: Files, memory: mmap.mmap) -> Answer:
    about = asked.memory, asked.slot, asked.start, len(asked.places)
    shape = len(asked.places), asked.view.input_size, asked.view.input_size, 3
    out = np.ndarray(shape, np.uint8, memory, asked.start)
    try:
        decode_all(map(files.read, asked.places), asked.view, asked.draws, out)
    except Exception as error:
        return Answer(*about, _sendable(error))
    return Answer(*about)


def _sendable(error: Exception) -> Exception:
    """The error itself, or one that says the same, where it cannot be pickled and read again."""
    try:
        copy: Any = pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error if isinstance(copy, type(error)) else RuntimeError(str(error))
