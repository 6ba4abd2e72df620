"""Processes that decode batches ahead, several of them at one batch, into memory that is reused.

For a GPU, which outruns the threads of one Python: these share the interpreter's lock. The
processes start with the first batch and serve every epoch; they end with the one that started them.
"""

import atexit
import mmap
import os
import selectors
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

from components.shared.execution import child_processes
from components.shared.images.crops import ImageView
from components.shared.images.decoding_process import Answer, Memory, Request
from components.shared.images.places import Place
from components.shared.images.shards import ImageStore

IMAGES_AHEAD = 1024
FEWEST_SLOTS = 3
FEWEST_IMAGES = 16
"""Of a batch, that a process is asked for at once: asking takes the other's time too."""
SERVING = "components.shared.images.decoding_process"
CHANNELS = 3

Batch = tuple[list[Place], np.ndarray | None]
"""Where the images are, and the draws of their random crops."""


class Event(Protocol):
    """What a slot waits for before it is filled again, such as the end of an upload."""

    def query(self) -> bool:
        """Whether it has happened."""

    def synchronize(self) -> None:
        """Wait until it has."""


@dataclass
class Slot:
    """Room for a batch.

    Attributes:
        array: uint8 [batch_size, input_size, input_size, 3], shared with the processes.
        images: How many of them the present batch has.
        missing: How many of those are not decoded yet.
        errors: What decoding raised, by the place of the first image in question.
        reusable: When it may be filled again; None: at once.
    """

    array: np.ndarray
    images: int = 0
    missing: int = 0
    errors: dict[int, Exception] = field(default_factory=dict)
    reusable: Event | None = None

    @property
    def batch(self) -> np.ndarray:
        """The present batch, uint8 [images, input_size, input_size, 3]."""
        return self.array[: self.images]


@dataclass(frozen=True)
class Ring:
    """A few slots that are filled in turn.

    Attributes:
        number: What the processes call it.
        descriptor: Of the file that its memory is.
        array: uint8 [slots, batch_size, input_size, input_size, 3], all of it.
        slots: Its parts.
    """

    number: int
    descriptor: int
    array: np.ndarray
    slots: list[Slot]


@dataclass
class Worker:
    """One of the processes, and what it has to do.

    Attributes:
        process: It.
        connection: To it.
        images: How many it was asked for and has not answered.
    """

    process: subprocess.Popen[bytes]
    connection: Connection
    images: int = 0


class DecodingPool:
    """The processes, and the memory that they write to."""

    def __init__(self, processes: int, made: Callable[[np.ndarray], None] = lambda _: None) -> None:
        """Start them.

        Args:
            processes: How many.
            made: Called with all memory that is newly shared, which pins it for a GPU.
        """
        self._made = made
        self._rings: list[Ring] = []
        self._free: dict[tuple[int, ...], list[Ring]] = {}
        self._answers = selectors.DefaultSelector()
        self._workers = [_started() for _ in range(processes)]
        for worker in self._workers:
            self._answers.register(worker.connection, selectors.EVENT_READ, worker)
        atexit.register(self.close)

    def close(self) -> None:
        """End the processes; to be called once, or at the interpreter's end."""
        atexit.unregister(self.close)
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.process.kill()
            worker.process.wait()
        self._workers.clear()
        self._answers.close()
        for ring in self._rings:
            os.close(ring.descriptor)
        self._rings.clear()

    @property
    def processes(self) -> list[int]:
        """Their ids."""
        return [worker.process.pid for worker in self._workers]

    @property
    def is_open(self) -> bool:
        """Whether there are processes."""
        return bool(self._workers)

    def batches(
        self,
        store: ImageStore,
        view: ImageView,
        rows: Sequence[np.ndarray],
        draws: Sequence[np.ndarray] | None,
    ) -> Iterator[Slot]:
        """Decode batches.

        Args:
            store: The images.
            view: Sizes of the crops.
            rows: Row numbers of each batch, int [images].
            draws: Of each batch's random crops, float [images, 5]; None: centre crops.

        Yields:
            Each batch in its order. It is good until the next one is asked for, or until the
            event that the slot is given in `reusable` has happened.

        Raises:
            Exception: What decoding an image of the batch raised, or a process that is gone.
        """
        with self._ring(max(map(len, rows), default=1), view.input_size) as ring:
            sent, slots = 0, len(ring.slots)
            for number in range(len(rows)):
                while sent < min(len(rows), number + slots):
                    slot = ring.slots[sent % slots]
                    if sent > number and slot.reusable and not slot.reusable.query():
                        break
                    batch = store.places(rows[sent]), None if draws is None else draws[sent]
                    self._ask(ring, sent % slots, batch, view)
                    sent += 1
                yield self._finished(ring.slots[number % slots])

    @contextmanager
    def _ring(self, batch_size: int, size: int) -> Iterator[Ring]:
        """Memory for batches of this size, that nobody else writes to while the context lasts."""
        shape = max(FEWEST_SLOTS, -(-IMAGES_AHEAD // batch_size)), batch_size, size, size, CHANNELS
        free = self._free.setdefault(shape, [])
        ring = free.pop() if free else self._new_ring(shape)
        try:
            yield ring
        except (KeyboardInterrupt, SystemExit):
            self.close()
            raise
        finally:
            self._clear(ring)
            free.append(ring)

    def _clear(self, ring: Ring) -> None:
        """Wait for what is under way: who stops early leaves some behind."""
        while self.is_open and any(slot.missing for slot in ring.slots):
            if self._receive():
                self.close()
        for slot in ring.slots:
            slot.errors.clear()

    def _new_ring(self, shape: tuple[int, ...]) -> Ring:
        size = int(np.prod(shape))
        descriptor = _memory_file(size)
        array = np.ndarray(shape, np.uint8, mmap.mmap(descriptor, size))
        ring = Ring(len(self._rings), descriptor, array, [Slot(part) for part in array])
        self._rings.append(ring)
        for worker in self._workers:
            self._send(worker, Memory(ring.number, size))
            reduction.send_handle(worker.connection, descriptor, worker.process.pid)
        self._made(array)
        return ring

    def _ask(self, ring: Ring, number: int, batch: Batch, view: ImageView) -> None:
        """Divide a batch among the processes that have the least to do."""
        slot, (places, draws) = ring.slots[number], batch
        if slot.reusable and not slot.reusable.query():
            slot.reusable.synchronize()
        slot.images, slot.missing, slot.reusable = len(places), len(places), None
        share = max(FEWEST_IMAGES, -(-len(places) // len(self._workers)))
        for first in range(0, len(places), share):
            part = slice(first, first + share)
            own = None if draws is None else draws[part]
            start = number * slot.array.nbytes + first * slot.array[0].nbytes
            worker = min(self._workers, key=lambda worker: worker.images)
            worker.images += len(places[part])
            self._send(worker, Request(ring.number, number, start, places[part], view, own))

    def _finished(self, slot: Slot) -> Slot:
        while slot.missing:
            if gone := self._receive():
                raise self._failure(gone)
        if slot.errors:
            raise slot.errors[min(slot.errors)]
        return slot

    def _receive(self) -> Worker | None:
        """Wait for answers and note them; give the process back that is gone, if one is."""
        for key, _ in self._answers.select():
            worker: Worker = key.data
            try:
                answer: Answer = worker.connection.recv()
            except (EOFError, OSError):
                return worker
            worker.images -= answer.images
            slot = self._rings[answer.memory].slots[answer.slot]
            slot.missing -= answer.images
            if answer.error:
                slot.errors[answer.start] = answer.error
        return None

    def _send(self, worker: Worker, message: Memory | Request) -> None:
        try:
            worker.connection.send(message)
        except OSError as error:
            raise self._failure(worker) from error

    def _failure(self, worker: Worker) -> RuntimeError:
        status = worker.process.wait()
        self.close()
        return RuntimeError(
            f"A process that decodes images ended with status {status} (-9: it was killed, as for "
            "want of memory): give the command again, which goes on after the last epoch."
        )


def _started() -> Worker:
    child = child_processes.start(SERVING)
    return Worker(child.process, child.connection)


def _memory_file(size: int) -> int:
    """A file in memory, which a container's small /dev/shm does not bound; its descriptor."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("devise-batches")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, size)
    return descriptor
