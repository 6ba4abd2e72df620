import dataclasses
from pathlib import Path

from pipeline.sweeps.file import Sweep
from pipeline.sweeps.objective import MAXIMISE, objective_of
from pipeline.sweeps.trial import FAILED, FINISHED, begun, keep, trial_folder

SWEEP = Sweep(
    "margins",
    "quickstart",
    {},
    objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE),
    ({"devise_margin": 0.1}, {"devise_margin": 0.2}),
)


def test_a_finished_trial_is_taken_as_it_was_left_and_a_failed_one_is_not(tmp_path: Path) -> None:
    first, second = begun(SWEEP, tmp_path, "")
    keep(dataclasses.replace(first, state=FINISHED, objective=0.5), tmp_path)
    keep(dataclasses.replace(second, state=FAILED, error="no memory"), tmp_path)
    again = begun(SWEEP, tmp_path, "")
    assert (again[0].state, again[0].objective) == (FINISHED, 0.5)
    assert again[1] == second
    assert trial_folder(tmp_path, 2).name == "trial_002"


def test_a_trial_of_other_settings_or_another_place_is_tried_again(tmp_path: Path) -> None:
    first = begun(SWEEP, tmp_path, "")[0]
    keep(dataclasses.replace(first, state=FINISHED, objective=0.5), tmp_path)
    other = dataclasses.replace(SWEEP, settings={"devise_phase_2_epochs": 0})
    assert begun(other, tmp_path, "")[0].objective is None
    assert begun(SWEEP, tmp_path, "https://kubeflow")[0].objective is None


def test_a_record_has_no_secret_and_the_trial_that_is_taken_again_has(tmp_path: Path) -> None:
    address = "https://host/v.npz?signature=of-mine"
    sweep = dataclasses.replace(SWEEP, trials=({"labels_vectors_uri": address},))
    (trial,) = begun(sweep, tmp_path, "")
    keep(dataclasses.replace(trial, state=FINISHED, objective=0.5), tmp_path)
    assert "of-mine" not in (tmp_path / "trials" / "001.json").read_text()
    (again,) = begun(sweep, tmp_path, "")
    assert (again.objective, again.settings) == (0.5, {"labels_vectors_uri": address})
