"""What the tasks of each stage ask of a cluster, for three sizes of it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

UNITS = {
    **{"M": 10**6, "G": 10**9, "T": 10**12},
    **{"Mi": 2**20, "Gi": 2**30, "Ti": 2**40},
}
"""As Kubernetes writes sizes of memory and of volumes."""


@dataclass(frozen=True)
class Resources:
    """Requests and limits of one stage's tasks.

    Attributes:
        cpu: Processors that a task may use.
        memory: That a task is given and may not exceed, as Kubernetes writes it.
        gpus: Accelerators; 0 for none.
        scratch: Size of a volume of the task's own, for temporary files and the cache of images;
            empty: they lie in the container, on the node's disk.
        hours: After this an attempt is stopped.
        retries: How often a failed task is tried again; it resumes from its checkpoint.
        requested_cpu: Processors that must be free on a node; empty: as many as it may use.
    """

    cpu: str = "1"
    memory: str = "4Gi"
    gpus: int = 0
    scratch: str = ""
    hours: int = 6
    retries: int = 2
    requested_cpu: str = ""

    @property
    def threads(self) -> int:
        """Threads that compute: one for each whole processor that is the task's, and never none.

        Threads wait for each other at every step: one more than there are free processors, and a
        busy node computes twenty times slower.
        """
        cpu = self.requested_cpu or self.cpu
        millis = float(cpu[:-1]) if cpu.endswith("m") else 1000 * float(cpu)
        return max(1, int(millis / 1000))

    @property
    def scratch_bytes(self) -> int:
        """Bytes of the scratch volume; 0: there is none."""
        return _bytes(self.scratch) if self.scratch else 0

    @property
    def memory_bytes(self) -> int:
        """Bytes of memory."""
        return _bytes(self.memory)


def _bytes(size: str) -> int:
    number = size.rstrip("MGTi")
    return int(number) * UNITS[size.removeprefix(number)]


Size = Mapping[str, Resources]
"""Resources by stage."""

STAGES = (
    "open_run",
    "prepare_taxonomy",
    "prepare_corpus",
    "train_skipgram",
    "pack_images",
    "prepare_images",
    "pretrain_visual",
    "embed_images",
    "map_synsets",
    "train_devise",
    "fit_baselines",
    "rank_images",
    "evaluate",
    "draw_report",
    "register_model",
)
GPU_STAGES = ("pretrain_visual", "embed_images", "train_devise", "rank_images")
"""Stages that run a network over many images."""

# Some 100,000 images and as many articles: hours on a node with one GPU.
_GPU = {
    **dict.fromkeys(STAGES, Resources()),
    "train_skipgram": Resources(cpu="4", memory="8Gi", hours=24, retries=5),
    "pack_images": Resources(cpu="4", memory="8Gi", scratch="10Gi"),
    "prepare_images": Resources(memory="8Gi", hours=2),
    "pretrain_visual": Resources("4", "16Gi", gpus=1, scratch="20Gi", hours=24, retries=5),
    "embed_images": Resources("4", "16Gi", gpus=1, scratch="20Gi"),
    "map_synsets": Resources(memory="8Gi", hours=2),
    "train_devise": Resources("4", "16Gi", gpus=1, scratch="40Gi", hours=24, retries=5),
    "fit_baselines": Resources(cpu="4", memory="8Gi", hours=2),
    "rank_images": Resources("4", "16Gi", gpus=1, scratch="20Gi"),
    "evaluate": Resources(memory="16Gi"),
    "draw_report": Resources(memory="8Gi", hours=2),
    "register_model": Resources("2", "8Gi", scratch="20Gi", hours=2),
}
# ILSVRC 2012 and ImageNet's fall 2011 release, all of Wikipedia. What scratch holds stands in
# docs/cluster.md.
_PAPER = {
    **dict.fromkeys(STAGES, Resources()),
    # Unpacking one stream of bz2 keeps three or four busy.
    "prepare_corpus": Resources(cpu="4", memory="8Gi", hours=24),
    "train_skipgram": Resources("16", "32Gi", scratch="50Gi", hours=72, retries=5),
    "pack_images": Resources(cpu="8", memory="16Gi", scratch="10Gi", hours=24, retries=5),
    "prepare_images": Resources(memory="32Gi"),
    "pretrain_visual": Resources("12", "64Gi", gpus=1, scratch="100Gi", hours=168, retries=5),
    "embed_images": Resources("12", "32Gi", gpus=1, scratch="600Gi", hours=24),
    "map_synsets": Resources(memory="16Gi"),
    "train_devise": Resources("12", "64Gi", gpus=1, scratch="200Gi", hours=168, retries=5),
    "fit_baselines": Resources(cpu="8", memory="32Gi"),
    "rank_images": Resources("8", "64Gi", gpus=1, scratch="100Gi", hours=48),
    "evaluate": Resources(memory="64Gi", hours=24),
    "draw_report": Resources(cpu="2", memory="16Gi", hours=2),
    "register_model": Resources("4", "16Gi", scratch="20Gi", hours=2),
}


def _small(memory: str, cpu: str = "1", retries: int = 2) -> Resources:
    # A task that waits for a free processor ends later; one without memory is killed: little is
    # requested of the one, all of the other, so that the scheduler never promises it twice.
    return Resources(cpu, memory, retries=retries, requested_cpu="200m")


# The quickstart on a node of 2 CPUs and 8 GiB, beside Kubeflow itself.
_SMALL = {
    **dict.fromkeys(STAGES, _small("1Gi")),
    "pretrain_visual": _small("2Gi", "2", retries=5),
    "embed_images": _small("2Gi", "2"),
    "train_devise": _small("2Gi", "2", retries=5),
    "fit_baselines": _small("2Gi"),
    "rank_images": _small("2Gi", "2"),
    "evaluate": _small("2Gi"),
    "register_model": _small("2Gi"),
}

SIZES: dict[str, Size] = {"small": _SMALL, "gpu": _GPU, "paper": _PAPER}
FITTING = {"quickstart": "small", "tiny_imagenet": "gpu", "paper": "paper", "modern": "paper"}
"""The size that a preset's data need."""


def with_gpus(size: Size, gpus: int) -> dict[str, Resources]:
    """The size with so many GPUs for each stage that can use them; 0 for none at all."""
    users = {*GPU_STAGES, *(name for name, wanted in size.items() if wanted.gpus)}
    return {**size, **{name: dataclasses.replace(size[name], gpus=gpus) for name in users}}
