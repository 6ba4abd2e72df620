import os
import threading
import time
from collections.abc import Iterator

import pytest

from components.shared.execution.threads import in_order, own_cpus


def test_results_come_in_the_order_of_the_items_whatever_takes_longer() -> None:
    def slower_first(item: int) -> int:
        time.sleep(0.01 * (5 - item % 5))
        return item * item

    assert list(in_order(slower_first, range(20), 4, 8)) == [n * n for n in range(20)]


def test_items_are_taken_only_so_far_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(20):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items(), 2, 3)
    assert next(results) == 0
    assert taken == [0, 1, 2, 3]
    assert next(results) == 1
    assert len(taken) == 5


def test_what_a_thread_raises_is_raised_in_its_place() -> None:
    results = in_order(lambda item: 1 // item, [1, 0, 1], 2, 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_who_stops_early_waits_for_nothing_that_has_not_begun() -> None:
    done: list[int] = []
    gate = threading.Event()

    def work(item: int) -> None:
        if item:
            gate.wait(5)
        done.append(item)

    results = in_order(work, range(10), 1, 5)
    next(results)
    threading.Timer(0.05, gate.set).start()
    results.close()  # type: ignore[attr-defined]
    assert len(done) <= 2


def test_no_items_have_no_results() -> None:
    assert list(in_order(str, [], 2, 2)) == []


def test_a_process_has_the_processors_of_its_affinity_or_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1}, raising=False)
    assert own_cpus() == 1
    monkeypatch.delattr(os, "sched_getaffinity")
    assert own_cpus() == os.cpu_count()
