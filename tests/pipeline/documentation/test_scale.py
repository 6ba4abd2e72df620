import dataclasses
from pathlib import Path

import pytest

from pipeline.documentation.scale import (
    CPU,
    GPU,
    Counts,
    Rates,
    Run,
    Work,
    cost_table,
    stages_table,
    works,
)


def test_the_page_has_the_tables_that_the_formula_gives(project: Path) -> None:
    page = (project / "docs" / "scale.md").read_text()
    found = works(Run())
    assert stages_table(found) in page
    assert cost_table(found) in page


def test_tasks_side_by_side_shorten_the_hours_and_not_the_cost() -> None:
    alone = Work("prepare_corpus", CPU, 7200)
    both = dataclasses.replace(alone, tasks=2)
    assert (alone.hours, both.hours) == (2, 1)
    assert alone.cost({CPU: 3, GPU: 9}) == both.cost({CPU: 3, GPU: 9}) == 6


def test_no_stage_grows_faster_than_the_data() -> None:
    ten = Counts(train=1.28e7, zero_shot=13e7, words=5.4e10)
    for small, large in zip(works(Run()), works(Run(counts=ten)), strict=True):
        assert large.seconds == pytest.approx(10 * small.seconds)
        assert large.read == pytest.approx(10 * small.read, rel=1e-6)


def test_twice_the_pace_is_half_the_hours_of_its_stage_alone() -> None:
    before, after = works(Run()), works(Run(rates=Rates(learned=8e5)))
    changed = [b.stage for b, a in zip(before, after, strict=True) if b.seconds != a.seconds]
    assert changed == ["train_skipgram"]
    assert after[1].hours == pytest.approx(before[1].hours / 2)
