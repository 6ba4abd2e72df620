"""Says, before a run, what other work on this machine does to it.

Threads wait for each other at each step of a training. Where other processes have the CPUs, the
last one keeps all others waiting, so that two threads can be slower than one by far. How many there
are is not chosen by us: the last digits of the figures depend on it.
"""

import psutil

from components.shared.execution.progress import say
from components.shared.machine import usable_threads

SECONDS = 0.5
BUSY_PERCENT = 50.0


def say_if_busy() -> None:
    """Look half a second at what the CPUs do, and say what follows if others use them."""
    threads = usable_threads()
    if threads > 1 and (percent := psutil.cpu_percent(SECONDS)) > BUSY_PERCENT:
        say(
            f"other work uses {percent:.0f} % of this machine's CPUs: with {threads} threads "
            "training can be many times slower; OMP_NUM_THREADS=1 is faster then (figures "
            "depend on the number of threads in their last digits)"
        )
