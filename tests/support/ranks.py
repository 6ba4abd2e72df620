"""What the processes of tests do; they find it here by its name."""

import os
import signal
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.ops import StochasticDepth

from components.shared.execution.progress import LogMetrics, say
from components.shared.processes.ranks import (
    first_rank_first,
    gathered,
    is_first,
    own_part,
    part_of_batch,
    rank,
    ranks,
    summed,
)
from components.shared.processes.replicas import replicated

IMAGES, STEPS = 7, 4


class Network(nn.Module):
    """Every layer that looks at more than an image, or draws random numbers."""

    def __init__(self) -> None:
        """Make the layers, in float64, where rounding is not to be seen."""
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.deep = nn.Sequential(nn.Conv2d(8, 8, 1), StochasticDepth(0.5, "row"))
        self.last = nn.Sequential(
            nn.Dropout2d(0.3), nn.Flatten(), nn.Linear(288, 6), nn.BatchNorm1d(6), nn.Dropout(0.4)
        )
        self.double()

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, 3, 8, 8] to [B, 6]."""
        inner: Tensor = self.first(images)
        found: Tensor = self.last(inner + self.deep(inner))
        return found


def descend_beside(number: int, folder: Path, port: int) -> None:
    """Be one of two processes that share a GPU, which is for tests alone."""
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
    os.environ.update(address, RANK=str(number), WORLD_SIZE="2")
    dist.init_process_group("gloo")
    descend(folder, "cuda")
    dist.destroy_process_group()


def descend(folder: Path, device: str = "cpu") -> dict[str, float]:
    """Train the network for a few steps on batches of seven; keep its weights."""
    torch.manual_seed(5)
    network, part = Network().to(device), part_of_batch(IMAGES, "processes")
    images = torch.randn(STEPS, IMAGES, 3, 8, 8, dtype=torch.float64).to(device)
    replica = replicated(network, part)
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    for batch in images.to(memory_format=torch.contiguous_format):
        loss = replica(part.of(batch).contiguous(memory_format=torch.channels_last)).square().mean()
        optimiser.zero_grad()
        (loss * part.weight).backward()
        optimiser.step()
    if is_first():
        save_file(network.state_dict(), folder / "weights.safetensors")
    return {}


def tell(folder: Path, log: LogMetrics) -> dict[str, float]:
    """Try what ranks know of each other."""
    say(f"process {rank()} of {ranks()}")
    log({"rank": rank()}, 3)
    with first_rank_first("a file"):
        if is_first():
            (folder / "first").write_text("here")
        assert (folder / "first").is_file()
    part = own_part(5)
    rows = part.of(np.arange(5)).tolist()
    assert gathered(rows) == [[0, 1], [2, 3, 4]]
    assert part.weight == 2 * len(rows) / 5
    return {
        "sum": float(summed(torch.tensor(float(rank() + 1)))),
        "threads": torch.get_num_threads(),
    }


def fail(how: str) -> dict[str, float]:
    """End the second process, while the first waits for it."""
    if rank() == 1 and how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if rank() == 1:
        raise ValueError("The second has found something: mend it.")
    dist.barrier()
    return {}


def wait_for_ever(folder: Path | None = None) -> dict[str, float]:
    """Work until somebody ends it."""
    if folder:
        (folder / str(os.getpid())).touch()
    signal.pause()
    return {}
