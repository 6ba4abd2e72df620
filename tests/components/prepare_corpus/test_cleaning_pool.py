import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from components.prepare_corpus import cleaning_pool
from components.prepare_corpus.cleaning import Cleaned, Cleaner
from components.prepare_corpus.cleaning_pool import Batch, clean_all
from components.prepare_corpus.joining import term_trie
from components.shared.execution import child_processes
from components.shared.execution.child_processes import Child

CLEANER = Cleaner(term_trie(["great_white_shark"]), "article", 10)
BATCHES = [
    Batch([[f"A great white shark {number}.", "It swims."], []], ends_file=number % 3 == 2)
    for number in range(12)
]


@pytest.fixture(name="children")
def processes_that_were_started(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    started: list[Child] = []
    start = child_processes.start

    def noted(module: str) -> Child:
        started.append(start(module))
        return started[-1]

    monkeypatch.setattr(child_processes, "start", noted)
    return started


@pytest.fixture(name="two_processes")
def two_processes_for_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 2)
    monkeypatch.setattr(cleaning_pool, "FEWEST_BATCHES", 1)


def _cleaned() -> tuple[list[tuple[list[Cleaned], bool]], Counter[str]]:
    counts: Counter[str] = Counter()
    found = [(list(batch.pages), batch.ends_file) for batch in clean_all(CLEANER, BATCHES, counts)]
    return found, counts


def test_on_one_cpu_no_process_is_started(
    children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 1)
    monkeypatch.setattr(cleaning_pool, "FEWEST_BATCHES", 1)
    found, counts = _cleaned()
    assert children == []
    assert found[0][0][0].text == "a great_white_shark 0 it swims\n"
    assert found[0][0][1].left_out == "empty_articles"
    assert (len(found), counts["great_white_shark"]) == (12, 12)


def test_a_short_text_starts_none(children: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 2)
    assert len(_cleaned()[0]) == 12
    assert children == []


def test_two_processes_give_what_one_gives_in_the_same_order_and_end(
    children: list[Child], two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_two = _cleaned()
    assert [child.process.poll() for child in children] == [-signal.SIGKILL] * 2
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 1)
    assert by_two == _cleaned()


def test_they_end_with_whoever_stops_early(children: list[Child], two_processes: None) -> None:
    batches = clean_all(CLEANER, BATCHES, Counter())
    assert isinstance(batches, Iterator)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert all(child.process.poll() is not None for child in children)


def test_a_killed_process_is_said(children: list[Child], two_processes: None) -> None:
    batches = clean_all(CLEANER, BATCHES * 10, Counter())
    next(batches)
    os.kill(children[0].process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="cleans text ended with status -9"):
        list(batches)
