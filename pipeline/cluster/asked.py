"""What a compiled pipeline asks a cluster for, task by task, as a table that can be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.shared.kube.pending import GPU
from components.shared.settings import gpus as asked_gpus
from components.shared.settings.parameter import Value
from pipeline.cluster.compilation import FIELD, read_pipeline

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """What a task asks for.

    Attributes:
        name: As in the compiled pipeline.
        image: Of its container.
        requests: As Kubernetes writes them, by `cpu`, `memory` and `nvidia.com/gpu`.
        volumes: Where each is mounted, and what it is.
    """

    name: str
    image: str
    requests: Mapping[str, str]
    volumes: tuple[str, ...]


def tasks_of(file: Path, values: Mapping[str, Value]) -> list[Task]:
    """The tasks of a compiled pipeline, loops and nested pipelines included, by name.

    Args:
        file: A compiled pipeline.
        values: Every setting of the run, by which open_run says what trainings ask for.
    """
    specification, extra = read_pipeline(file)
    platform = extra["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    executors = specification["deploymentSpec"]["executors"]
    components = specification["components"]
    dags = [part["dag"] for part in [specification["root"], *components.values()] if "dag" in part]
    used = [(name, task["componentRef"]["name"]) for dag in dags for name, task in _tasks(dag)]
    found = [(name, components[component].get("executorLabel")) for name, component in used]
    gpus = _decided_gpus(specification, values)
    return [
        _task(name, executors[label]["container"], platform.get(label, {}), gpus)
        for name, label in sorted(found)
        if label
    ]


def table(tasks: Iterable[Task]) -> str:
    """A line a task: name, processors, memory, GPUs, image, volumes."""
    rows = [(task.name, *_amounts(task), task.image, ", ".join(task.volumes)) for task in tasks]
    heading = ("task", "cpu", "memory", "gpu", "image", "volumes")
    widths = [max(len(row[at]) for row in [heading, *rows]) for at in range(len(heading))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in [heading, *rows]]
    return "\n".join(lines)


def _tasks(dag: Json) -> Iterable[tuple[str, Json]]:
    return list(dag["tasks"].items())


def _decided_gpus(specification: Json, values: Mapping[str, Value]) -> dict[str, int]:
    """GPUs that tasks ask for as open_run decides, by the end of the name that stands for them."""
    given = specification["root"]["dag"]["tasks"]["open-run"]["inputs"]["parameters"]
    network, visual = (
        int(given[name]["runtimeValue"]["constant"]) for name in ("gpus", "visual_task_gpus")
    )
    return {
        "open-run-visual_gpus": asked_gpus.of_visual_training(values, visual),
        f"{FIELD}gpus": asked_gpus.of_any_model(values, network),
    }


def _gpus(accelerator: Json, decided: Mapping[str, int]) -> int:
    count = str(accelerator.get("resourceCount") or accelerator.get("count") or 0)
    found = [gpus for name, gpus in decided.items() if f"{name}'" in count]
    return found[0] if found else int(count)


def _task(name: str, container: Json, platform: Json, decided: Mapping[str, int]) -> Task:
    resources = container.get("resources", {})
    requests = {
        "cpu": resources.get("resourceCpuRequest"),
        "memory": resources.get("resourceMemoryRequest"),
        GPU: _gpus(resources.get("accelerator", {}), decided),
    }
    volumes = (*_mounts(platform, "emptyDirMounts"), *_mounts(platform, "pvcMount"))
    volumes += _mounts(platform, "genericEphemeralVolume")
    given = {key: str(value) for key, value in requests.items() if value}
    return Task(name, container["image"], given, volumes)


def _mounts(platform: Json, kind: str) -> tuple[str, ...]:
    sizes = ("size", "sizeLimit")
    return tuple(
        " ".join([one["mountPath"], *(one[name] for name in sizes if one.get(name))])
        for one in platform.get(kind, [])
    )


def _amounts(task: Task) -> list[str]:
    return [task.requests.get(name, "-") for name in ("cpu", "memory", GPU)]
