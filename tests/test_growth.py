import subprocess
import sys
import time
from pathlib import Path

import growth
import pytest
from growth import (
    Figures,
    different_words,
    exponent,
    main,
    measure,
    sampled,
    verdict,
    write_articles,
)

SIZES = 1_000, 10_000, 100_000
OF_A_CONSTANT = 1e6
"""Much of what the two smaller sizes take."""


def figures(power: float, constant: float = 0) -> list[Figures]:
    """Of work that grows as a power of the size, seconds and MiB alike."""
    taken = [(size, size**power + constant) for size in SIZES]
    return [Figures(size, took, took, 100, took) for size, took in taken]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_an_exponent_is_the_power_that_figures_grow_with(power: float) -> None:
    assert exponent(SIZES, [3 * size**power for size in SIZES]) == pytest.approx(power)


def test_what_grows_in_proportion_is_within_the_bar_with_a_constant_too() -> None:
    for found in (figures(1.0), figures(1.0, OF_A_CONSTANT)):
        said, is_within = verdict(found)
        assert is_within
        assert "ABOVE" not in said


def test_what_grows_with_the_square_is_above_it() -> None:
    said, is_within = verdict(figures(2.0))
    assert not is_within
    assert said.count("exponent 2.00 at the last step, ABOVE 1.05, 2.00 over all") == 2


def test_the_last_step_is_judged_where_a_constant_flattens_the_line_through_all() -> None:
    found = figures(1.5, OF_A_CONSTANT)
    assert exponent(SIZES, [one.processor for one in found]) < 1.05
    said, is_within = verdict(found)
    assert not is_within
    assert "ABOVE" in said


def test_memory_that_does_not_grow_is_within_though_nothing_is_taken() -> None:
    found = [Figures(size, size, size, 100, 0) for size in SIZES]
    assert verdict(found)[1]


def test_time_and_memory_are_judged_each() -> None:
    found = [Figures(size, size, size, 100, size**2) for size in SIZES]
    said, is_within = verdict(found)
    assert not is_within
    assert said.startswith("processor time grows with exponent 1.00 at the last step, within")


@pytest.mark.parametrize(("options", "status"), [([], 1), (["--quick"], 0)])
def test_the_exit_status_tells_of_an_exponent_above_the_bar(
    monkeypatch: pytest.MonkeyPatch, options: list[str], status: int
) -> None:
    def squared(_: str, size: int) -> Figures:
        return Figures(size, size**2, size**2, 100, size**2)

    monkeypatch.setattr(growth, "measure", squared)
    with pytest.raises(SystemExit) as ended:
        main(["--only", "splits", *options])
    assert ended.value.code == status


HOLD = "import sys; held = b'x' * (64 << 20); print('held', flush=True); sys.stdin.read()"
STARTED = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def test_memory_of_what_a_process_starts_is_counted() -> None:
    command = [sys.executable, "-c", STARTED, HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        process.stdout.readline()
        with sampled(process.pid) as samples:
            while len(samples) < 2:
                time.sleep(0.01)
        process.stdin.close()
    assert min(held for _, held in samples) > 64


def test_a_size_is_measured_by_its_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = measure("splits", 2_000)
    assert found.size == 2_000
    assert 0 < found.processor < found.seconds + 1
    assert 0 <= found.megabytes < found.before


@pytest.mark.parametrize(("tokens", "words"), [(1, 30), (10_000, 3_000), (1_000_000, 30_000)])
def test_different_words_grow_as_the_square_root_of_the_text(tokens: int, words: int) -> None:
    assert different_words(tokens) == words


def test_a_text_has_no_more_different_words_than_that(tmp_path: Path) -> None:
    counted = []
    for tokens in (10_000, 40_000):
        write_articles(tmp_path / "text.txt", tokens)
        words = (tmp_path / "text.txt").read_text().split()
        assert len(words) == tokens
        counted.append(len(set(words)))
        assert counted[-1] <= different_words(tokens)
    assert counted[1] > 1.5 * counted[0]
