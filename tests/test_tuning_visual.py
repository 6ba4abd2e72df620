"""The candidates of benchmarks/tuning_visual.py, beside their table in docs/decisions.md."""

from itertools import combinations
from pathlib import Path

import pytest
from tuning_visual import CANDIDATES, epochs_at_full_size, multiply_adds, settings_of

from components.shared.networks.visual_model import VisualConfig, build
from components.shared.settings.presets import values_of
from components.shared.settings.table import group_of

TRAINED_ON, CLASSES = 21_600, 160


def published(project: Path) -> list[list[str]]:
    """The cells of each row."""
    lines = (project / "docs/decisions.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] in CANDIDATES]


def test_no_two_candidates_are_the_same() -> None:
    for one, other in combinations(CANDIDATES, 2):
        assert settings_of(one) != settings_of(other), (one, other)


def test_the_base_trains_20_epochs_at_full_size_and_nothing_else() -> None:
    base = settings_of("base")
    assert (base.epochs, base.half_size_epochs, base.input_size) == (20, 0, 64)
    assert (base.label_smoothing, base.averaging) == (0.0, 0.0)
    assert (base.crop_scale, base.learning_rate, base.patience) == (0.35, 0.2, 0)


def test_the_published_rows_are_those_that_the_command_makes(project: Path) -> None:
    rows = published(project)
    assert [row[0] for row in rows] == ["base", "half_size_smoothing", "half_size_averaging", "w48"]
    for name, settings, _, image, training in rows:
        config = settings_of(name)
        assert settings == ", ".join(f"{key}={value}" for key, value in CANDIDATES[name].items())
        wnids = tuple(f"n{number:08}" for number in range(CLASSES))
        network = build(
            VisualConfig(config.architecture, wnids, config.input_size, config.resize)
        ).eval()
        adds = multiply_adds(network)
        assert image == f"{adds / 1e6:.0f}"
        work = adds * TRAINED_ON * epochs_at_full_size(config)
        assert float(training) == pytest.approx(work / 1e12, abs=0.5)


def test_the_row_that_is_called_the_presets_is_that() -> None:
    preset = group_of("visual", values_of("tiny_imagenet", []))
    assert settings_of("half_size_smoothing") == preset
