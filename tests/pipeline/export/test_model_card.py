from pathlib import Path
from typing import Any

import pytest
import yaml

from components.shared.model_description import Figure
from pipeline.export.model_card import model_card

FIGURES = [
    Figure("seen", "flat_hit_at_1", 0.5),
    Figure("seen", "flat_hit_at_5", 0.91234),
    Figure("unseen", "flat_hit_at_1", 0.25),
]


@pytest.fixture(scope="module")
def model(model_run: Path) -> Path:
    return model_run / "devise_model"


def front_of(card: str) -> dict[str, Any]:
    _, front, _ = card.split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(front)
    return found


def test_its_front_matter_is_what_the_hub_reads(model: Path) -> None:
    front = front_of(model_card(model, "tiny", "mit", FIGURES, False))
    assert front["license"] == "mit"
    assert front["pipeline_tag"] == "zero-shot-image-classification"
    (entry,) = front["model-index"]
    assert entry["name"] == "tiny"
    values = [[metric["value"] for metric in result["metrics"]] for result in entry["results"]]
    assert values == [[0.5, 0.9123], [0.25]]


def test_it_says_what_the_model_is_for_how_good_it_is_and_where_its_limits_are(
    model: Path,
) -> None:
    card = model_card(model, "tiny", "mit", FIGURES, True)
    for words in ("# tiny", "4 trained on, 3 others", "## Use", "## Limits", "image_side.onnx"):
        assert words in card
    assert "| the labels trained on, among themselves | hit@1 | 50.0% |" in card


def test_without_figures_and_onnx_it_speaks_of_neither(model: Path) -> None:
    card = model_card(model, "tiny", "mit", [], False)
    assert "model-index" not in front_of(card)
    assert "None came with the model" in card
    assert "onnx" not in card
