"""A training step with one thread and with one a CPU, on idle CPUs and beside processes that work.

    python benchmarks/threads.py [seconds] [architecture]

Prints images a second of each, in one run, and what one thread gains or costs.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS, ARCHITECTURE = 5.0, "small_resnet18"
BATCH, SIDE, CLASSES = 64, 64, 160
STEP = f"""
import sys, time, torch
from components.shared.networks.visual_model import VisualConfig, build
wnids = tuple(f"n{{number:08}}" for number in range({CLASSES}))
model = build(VisualConfig(sys.argv[2], wnids, {SIDE}, {SIDE}))
optimiser = torch.optim.SGD(model.parameters(), 0.01)
images, labels = torch.randn({BATCH}, 3, {SIDE}, {SIDE}), torch.zeros({BATCH}, dtype=torch.long)
images = images.to(memory_format=torch.channels_last)

def step():
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    optimiser.step()

step()
started, steps = time.perf_counter(), 0
while time.perf_counter() - started < float(sys.argv[1]):
    step()
    steps += 1
print({BATCH} * steps / (time.perf_counter() - started))
"""
"""A Python of its own for each: the number of threads is read when torch is loaded."""


def rate(threads: int, seconds: float, architecture: str) -> float:
    """Images a second of training with so many threads."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", STEP, str(seconds), architecture]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that do nothing but work."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main(seconds: float, architecture: str) -> None:
    """Time the step with both numbers of threads, alone and beside others."""
    cpus = os.cpu_count() or 1
    for others in (0, cpus):
        with busy(others):
            one, all_of_them = (rate(threads, seconds, architecture) for threads in (1, cpus))
        print(
            f"beside {others} working processes: 1 thread {one:,.0f} images/s, {cpus} threads "
            f"{all_of_them:,.0f}: {all_of_them / one:.2f} times"
        )


if __name__ == "__main__":
    given = [*sys.argv[1:], *(str(SECONDS), ARCHITECTURE)[len(sys.argv) - 1 :]]
    main(float(given[0]), given[1])
