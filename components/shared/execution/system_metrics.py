"""What a stage asks of its machine while it works: MLflow's own monitors, under MLflow's names."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from itertools import count
from typing import Any

from components.shared.execution.liveness import beating

SAMPLE_SECONDS = 10.0
PREFIX = "system/"
"""By which MLflow's page knows them."""
Log = Callable[[Mapping[str, float], int], None]


def sampled(log: Log) -> AbstractContextManager[None]:
    """Measure the machine every ten seconds while the context lasts.

    Args:
        log: Takes the figures (percent, megabytes) by name, and their number from 0 on.
    """
    steps, monitors = count(), _monitors()
    return beating(lambda: log(_sample(monitors), next(steps)), SAMPLE_SECONDS)


def _monitors() -> list[Any]:
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
    from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

    kinds: list[Any] = [CPUMonitor, DiskMonitor, NetworkMonitor]
    found = [kind() for kind in kinds]
    gpus: Any = GPUMonitor
    # Where there is no GPU of NVIDIA's, or not the package that asks it.
    with suppress(ImportError, RuntimeError):
        found.append(gpus())
    return found


def _sample(monitors: list[Any]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for monitor in monitors:
        monitor.collect_metrics()
        figures.update(monitor.aggregate_metrics())
        monitor.clear_metrics()
    return {f"{PREFIX}{name}": float(value) for name, value in figures.items()}
