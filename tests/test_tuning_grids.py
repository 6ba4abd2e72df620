"""What benchmarks/tuning.py tries of baselines, beside what the preset has."""

from collections.abc import Mapping
from typing import Any

import pytest
import tuning
from tuning_baselines import GRIDS, ONE_AT_A_TIME, options_tried
from tuning_models import variant

from components.shared.settings.presets import values_of
from components.shared.settings.table import group_of

RUN: Mapping[str, Any] = values_of(tuning.PRESET, [])
OF_VARIANTS = {"first terms": "devise", "devise_best": "devise_best"}
"""Whose label vectors each space has."""


def of_baselines(baseline: str, options: Mapping[str, object]) -> object:
    own = {f"baselines_{baseline}_{name}": value for name, value in options.items()}
    return group_of("baselines", {**RUN, **own})


@pytest.mark.parametrize("title", tuning.SPACES)
def test_baselines_are_tried_over_the_label_vectors_that_a_run_has(title: str) -> None:
    variants = {"devise": {}, **dict(map(variant, RUN["devise_variants"]))}
    _, differing = variant(f"space: {tuning.SPACES[title]}")
    for group in ("labels", "devise"):
        used = group_of(group, {**RUN, **variants[OF_VARIANTS[title]]})
        assert group_of(group, {**RUN, **differing}) == used


@pytest.mark.parametrize("baseline", GRIDS)
def test_what_the_preset_has_lies_within_the_grid_and_not_at_its_edge(baseline: str) -> None:
    grid: Mapping[str, Any] = GRIDS[baseline]
    for name, tried in grid.items():
        own = RUN[f"baselines_{baseline}_{name}"]
        assert own in tried
        if not isinstance(own, bool):
            assert min(tried) < own < max(tried), f"{baseline} {name}"


@pytest.mark.parametrize("baseline", GRIDS)
def test_a_row_is_another_setting_of_the_baseline_and_one_is_the_presets(baseline: str) -> None:
    rows = [of_baselines(baseline, options) for options in options_tried(baseline, RUN)]
    together = 1
    for tried in GRIDS[baseline].values():
        together *= len(tried)
    others = ONE_AT_A_TIME.get(baseline, {}).values()
    assert len(rows) == together + sum(len(tried) - 1 for tried in others)
    assert all(row not in rows[:place] for place, row in enumerate(rows))
    assert group_of("baselines", RUN) in rows
