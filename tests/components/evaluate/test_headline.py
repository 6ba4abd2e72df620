import json
from pathlib import Path

import pytest

from components.evaluate.headline import publish

BASELINES = ("exem", "eszsl", "dgp")
HITS = {f"{model}/seen/flat_hit_at_{k}": 0.5 for model in ("softmax", "devise") for k in (1, 2, 5)}
FIGURES = {
    **HITS,
    "softmax_continued/seen/flat_hit_at_1": 0.45,
    "devise/unseen/hierarchical_precision_at_5": 0.3,
    "devise/unseen/hierarchical_precision_at_10": 0.2,
    "random/unseen_plus_seen/flat_hit_at_5": 0.1,
    "conse/seen/flat_hit_at_1": 0.4,
    **{f"{model}/unseen/flat_hit_at_1": 0.6 for model in BASELINES},
    "exem_best/unseen/flat_hit_at_1": 0.7,
    "devise_phase_1/seen/flat_hit_at_1": 0.4,
    "devise_l2/seen/flat_hit_at_1": 0.4,
    "chance/seen/flat_hit_at_1": 0.25,
    "devise/seen/images": 20.0,
    "devise/unseen/ausuc": 0.1,
    "devise/unseen_plus_seen/harmonic_mean": 0.2,
    "label_space/without_vector": 2.0,
}


class Shown:
    """What was shown on the run page."""

    def __init__(self, folder: Path, figures: dict[str, float]) -> None:
        (folder / "metrics.json").write_text(json.dumps(figures))
        self.page: dict[str, float] = {}
        self.file = folder / "not" / "yet" / "there"
        publish(folder, self.page.__setitem__, self.file)


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(tmp_path, FIGURES)


def test_the_run_page_shows_one_model_of_each_kind_in_few_figures(shown: Shown) -> None:
    assert shown.page == {
        "softmax/seen/flat_hit_at_1": 0.5,
        "softmax/seen/flat_hit_at_5": 0.5,
        "softmax_continued/seen/flat_hit_at_1": 0.45,
        "devise/seen/flat_hit_at_1": 0.5,
        "devise/seen/flat_hit_at_5": 0.5,
        "devise/unseen/hierarchical_precision_at_5": 0.3,
        "devise/unseen/ausuc": 0.1,
        "devise/unseen_plus_seen/harmonic_mean": 0.2,
        "random/unseen_plus_seen/flat_hit_at_5": 0.1,
        "conse/seen/flat_hit_at_1": 0.4,
        **{f"{model}/unseen/flat_hit_at_1": 0.6 for model in BASELINES},
    }
    assert list(shown.page) == sorted(shown.page)


def test_the_artifact_of_the_run_page_is_a_file_with_every_figure(shown: Shown) -> None:
    assert json.loads(shown.file.read_text()) == FIGURES


def test_a_network_that_saw_zero_shot_classes_is_marked_on_the_run_page(tmp_path: Path) -> None:
    assert Shown(tmp_path, {"zero_shot_contaminated": 1.0}).page == {"zero_shot_contaminated": 1.0}
