"""Cleans pages with as many processes as there are CPUs, the results in the order of the pages.

Unpacking, parsing and writing stay in one process; cleaning, which takes longer than these
together, goes to the others in batches. Texts that are cleaned before others would have started,
and machines of one CPU, start none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from queue import SimpleQueue

from components.prepare_corpus.articles import Unread
from components.prepare_corpus.cleaning import Cleaned, Cleaner, clean
from components.prepare_corpus.cleaning_process import Answer
from components.shared.execution import child_processes
from components.shared.execution.child_processes import Child
from components.shared.execution.progress import say
from components.shared.execution.threads import in_order
from components.shared.machine import available_cpus

BATCH_CHARACTERS = 1 << 18
"""A tenth of a second of a process's work."""
SERVING = "components.prepare_corpus.cleaning_process"
FEWEST_BATCHES = 16
"""Fewer of them, four million characters, are cleaned before other processes have started."""


@dataclass(frozen=True)
class Batch:
    """Pages of one file that follow each other.

    Attributes:
        pages: As they were read.
        ends_file: Whether they are the file's last.
    """

    pages: Sequence[Unread]
    ends_file: bool


@dataclass(frozen=True)
class CleanedBatch:
    """What became of a batch.

    Attributes:
        pages: What became of each page, in order.
        ends_file: Whether the pages are the file's last.
    """

    pages: Iterable[Cleaned]
    ends_file: bool


def clean_all(
    cleaner: Cleaner, batches: Iterable[Batch], counts: Counter[str]
) -> Iterator[CleanedBatch]:
    """Clean batches, by other processes where it is worth it.

    Args:
        cleaner: What a line is.
        batches: In order; several are taken ahead where other processes clean.
        counts: Occurrences of terms are added here, at the latest with the page that has them.

    Yields:
        Each batch in its order.

    Raises:
        RuntimeError: A process is gone.
    """
    batches, processes = iter(batches), available_cpus()
    first = list(islice(batches, FEWEST_BATCHES)) if processes > 1 else []
    if len(first) < FEWEST_BATCHES or processes == 1:
        for batch in chain(first, batches):
            pages = (clean(cleaner, page, counts) for page in batch.pages)
            yield CleanedBatch(pages, batch.ends_file)
        return
    for batch, (cleaned, found) in _answers(cleaner, chain(first, batches), processes):
        _add(found, counts)
        yield CleanedBatch(cleaned, batch.ends_file)


def _answers(
    cleaner: Cleaner, batches: Iterable[Batch], processes: int
) -> Iterator[tuple[Batch, Answer]]:
    say(f"prepare_corpus: {processes} processes clean")
    with _children(cleaner, processes) as idle:
        yield from in_order(partial(_ask, idle), batches, processes, 2 * processes)


@contextmanager
def _children(cleaner: Cleaner, processes: int) -> Iterator["SimpleQueue[Child]"]:
    children = [child_processes.start(SERVING) for _ in range(processes)]
    idle: SimpleQueue[Child] = SimpleQueue()
    try:
        for child in children:
            child.connection.send(cleaner)
            idle.put(child)
        yield idle
    finally:
        for child in children:
            child.end()


def _ask(idle: "SimpleQueue[Child]", batch: Batch) -> tuple[Batch, Answer]:
    child = idle.get()
    try:
        child.connection.send(batch.pages)
        return Batch((), batch.ends_file), child.connection.recv()
    except (EOFError, OSError) as error:
        raise RuntimeError(
            f"A process that cleans text ended with status {child.process.wait()} (-9: it was "
            "killed, as for want of memory): give the command again, which goes on where it was."
        ) from error
    finally:
        idle.put(child)


def _add(found: dict[str, int], counts: Counter[str]) -> None:
    # Counter.update asks, of each term, more than it has to.
    for term, count in found.items():
        counts[term] += count
