import dataclasses
import json
from pathlib import Path

import yaml

from pipeline.sweeps.file import Sweep
from pipeline.sweeps.objective import MAXIMISE, MINIMISE, objective_of
from pipeline.sweeps.results import best_settings, ranked, write_results
from pipeline.sweeps.trial import FAILED, FINISHED, Trial

SWEEP = Sweep(
    "margins",
    "quickstart",
    {"devise_variants": []},
    objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE),
    ({"devise_margin": 0.1}, {"devise_margin": 0.2}, {"devise_margin": 0.3}),
)
TRIALS = [
    Trial(1, SWEEP.trials[0], "a", "r1", FINISHED, 0.25),
    Trial(2, SWEEP.trials[1], "b", "r2", FAILED, error="no | memory"),
    Trial(3, SWEEP.trials[2], "c", "r3", FINISHED, 0.5),
]


def test_the_best_comes_first_by_direction_and_what_failed_last() -> None:
    assert [trial.number for trial in ranked(SWEEP, TRIALS)] == [3, 1, 2]
    smallest = dataclasses.replace(SWEEP.objective, direction=MINIMISE)
    found = ranked(dataclasses.replace(SWEEP, objective=smallest), TRIALS)
    assert [trial.number for trial in found] == [1, 3, 2]


def test_the_best_settings_are_left_as_a_line_and_as_a_file(tmp_path: Path) -> None:
    text = write_results(SWEEP, TRIALS, tmp_path)
    assert "--preset quickstart --set 'devise_variants=[]' --set devise_margin=0.3" in text
    assert yaml.safe_load((tmp_path / "best.yaml").read_text()) == {
        "devise_variants": [],
        "devise_margin": 0.3,
    }
    content = json.loads((tmp_path / "sweep.json").read_text())
    assert [trial["number"] for trial in content["trials"]] == [3, 1, 2]
    rows = (tmp_path / "sweep.md").read_text().splitlines()
    assert rows[2].startswith("| 3 | 0.5000 | 0.3 |")
    assert r"no \| memory" in rows[4]


def test_the_best_settings_alone_have_what_a_signed_address_keeps_secret(tmp_path: Path) -> None:
    address = "https://u:p@host/v.npz?signature=of-mine"
    swept = dataclasses.replace(TRIALS[2], settings={"labels_vectors_uri": f"{address}1"})
    sweep = dataclasses.replace(SWEEP, settings={"images_uri": f"{address}2"})
    text = write_results(sweep, [swept], tmp_path)
    written = [(tmp_path / name).read_text() for name in ("sweep.json", "sweep.md")]
    for shown in (text, *written):
        assert "https://host/v.npz" in shown
        assert "of-mine" not in shown
    best = yaml.safe_load((tmp_path / "best.yaml").read_text())
    assert list(best.values()) == [f"{address}2", f"{address}1"]


def test_where_every_trial_failed_there_is_no_best(tmp_path: Path) -> None:
    write_results(SWEEP, TRIALS, tmp_path)
    failed = [TRIALS[1]]
    assert best_settings(SWEEP, failed) is None
    assert "Best" not in write_results(SWEEP, failed, tmp_path)
    assert not (tmp_path / "best.yaml").exists()
