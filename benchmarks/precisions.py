"""A training step in bf16 and in fp32, in turn, and what `auto` takes on this machine.

    python benchmarks/precisions.py [seconds] [architecture]

Prints images a second of each, and how many times as fast bf16 is.
"""

import sys
import time

import torch
from torch.nn.functional import cross_entropy

from components.shared.device import AUTO, BF16, FP32, arithmetic, autocast, pick_device
from components.shared.machine import processor_name
from components.shared.networks.visual_model import VisualConfig, build

SECONDS, ARCHITECTURE, ROUNDS = 3.0, "small_resnet18", 3
BATCH, SIDES, CLASSES = 128, (32, 64), 160


class Step:
    """A step on a batch that lies on the device."""

    def __init__(self, architecture: str, side: int, device: torch.device) -> None:
        """Build the network and draw the batch."""
        wnids = tuple(f"n{number:08}" for number in range(CLASSES))
        self.model = build(VisualConfig(architecture, wnids, side, side)).train().to(device)
        self.optimiser = torch.optim.SGD(self.model.parameters(), 0.01)
        images = torch.randn(BATCH, 3, side, side, device=device)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = torch.randint(CLASSES, (BATCH,), device=device)

    def rate(self, precision: str, seconds: float) -> float:
        """Images a second."""
        self._once(precision)
        started, steps = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            self._once(precision)
            steps += 1
        return BATCH * steps / (time.perf_counter() - started)

    def _once(self, precision: str) -> None:
        self.optimiser.zero_grad()
        with autocast(self.images.device, precision):
            logits = self.model(self.images)
        loss = cross_entropy(logits.float(), self.labels)
        loss.backward()
        self.optimiser.step()
        # Waits for a GPU.
        loss.item()


def main(seconds: float = SECONDS, architecture: str = ARCHITECTURE) -> None:
    """Measure and print."""
    device = pick_device()
    name = processor_name() if device.type == "cpu" else torch.cuda.get_device_name()
    print(f"{name}: auto is {arithmetic(device, AUTO)}")
    for side in SIDES:
        step = Step(architecture, side, device)
        for _ in range(ROUNDS):
            bf16, fp32 = step.rate(BF16, seconds), step.rate(FP32, seconds)
            print(f"{side} px: {bf16:,.0f} and {fp32:,.0f} images/s, {bf16 / fp32:.2f} times")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(float(given[0]) if given else SECONDS, *given[1:2])
