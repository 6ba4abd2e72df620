"""A process that cleans pages for the one which reads and writes them.

It ends with that process, however that ends: their connection is closed then.
"""

import signal
from collections import Counter
from contextlib import suppress
from multiprocessing.connection import Connection

from components.prepare_corpus.cleaning import Cleaned, Cleaner, clean

Answer = tuple[list[Cleaned], dict[str, int]]
"""What became of each page, and how often their terms occur."""


def serve(descriptor: int) -> None:
    """Clean batches of pages until the connection is closed; the first message says how.

    Args:
        descriptor: Of the connection, a socket.
    """
    # Ctrl-C goes to all processes of a terminal: the one that started this says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as asker, suppress(EOFError, ConnectionError):
        cleaner: Cleaner = asker.recv()
        while True:
            counts: Counter[str] = Counter()
            cleaned = [clean(cleaner, unread, counts) for unread in asker.recv()]
            asker.send((cleaned, dict(counts)))
