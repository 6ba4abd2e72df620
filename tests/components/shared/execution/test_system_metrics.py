import threading
from collections.abc import Mapping

import pytest

from components.shared.execution import system_metrics


def test_the_machine_is_measured_again_and_again_while_work_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system_metrics, "SAMPLE_SECONDS", 0.01)
    found: list[tuple[Mapping[str, float], int]] = []
    enough = threading.Event()

    def log(figures: Mapping[str, float], step: int) -> None:
        found.append((figures, step))
        if step == 2:
            enough.set()

    with system_metrics.sampled(log):
        assert enough.wait(30)
    assert [step for _, step in found[:3]] == [0, 1, 2]
    figures, _ = found[0]
    assert 0 <= figures["system/cpu_utilization_percentage"] <= 100
    assert figures["system/system_memory_usage_megabytes"] > 0
    assert {"system/disk_usage_percentage", "system/network_transmit_megabytes"} <= set(figures)
