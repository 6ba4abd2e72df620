"""A sweep on a cluster, against a real HTTP server in Kubeflow's place."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kubeflow import Server, serving

from pipeline.cluster.connection import connect
from pipeline.cluster.schedules import PREFIX
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.objective import MAXIMISE, objective_of
from pipeline.sweeps.there import PIPELINE, Place, run_trials
from pipeline.sweeps.trial import Trial

API = "/apis/v2beta1"
SWEEP = Sweep(
    "margins",
    "quickstart",
    {},
    objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE),
    ({"devise_margin": 0.15}, {"devise_margin": 0.2}),
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    for name in ("KFP_TOKEN", "KFP_COOKIES", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    with serving() as found:
        found.answers |= {
            f"GET {API}/pipelines": {"pipelines": [{"pipeline_id": "p1"}]},
            f"GET {API}/experiments": {"experiments": [{"experiment_id": "e1"}]},
            f"POST {API}/pipelines/upload_version": {
                "pipeline_id": "p1", "pipeline_version_id": "v2",
            },
            f"GET {API}/runs": {},
            f"POST {API}/runs": {"run_id": "r1"},
            f"GET {API}/runs/r1": {"run_id": "r1", "state": "SUCCEEDED"},
        }  # fmt: skip
        yield found


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Place:
    file = tmp_path / "pipeline.yaml"
    file.write_text("{}")
    return Place(connect(server.address, "kubeflow", ""), file, "devise", "", at_once=1)


def figure(trial: Trial) -> float | None:
    return float(trial.settings["devise_margin"])


def test_trials_are_runs_of_one_version_and_none_is_submitted_twice(
    server: Server, place: Place, tmp_path: Path
) -> None:
    ended: list[Trial] = []
    found = run_trials(SWEEP, tmp_path, place, figure, ended.append, print, every=0)
    runs = server.sent(f"POST {API}/runs")
    names = [run["display_name"] for run in runs]
    assert [name.rpartition("-")[0] for name in names] == ["margins-trial_001", "margins-trial_002"]
    margins = [run["runtime_config"]["parameters"]["settings"]["devise_margin"] for run in runs]
    assert margins == [0.15, 0.2]
    assert len(server.sent(f"POST {API}/pipelines/upload_version")) == 1
    assert [trial.objective for trial in found] == [0.15, 0.2]
    assert ended == found
    again = run_trials(SWEEP, tmp_path, place, figure, ended.append, print, every=0)
    assert again == found
    assert len(server.sent(f"POST {API}/runs")) == 2


def test_a_run_that_failed_leads_to_its_page_and_the_others_go_on(
    server: Server, place: Place, tmp_path: Path
) -> None:
    server.answers[f"GET {API}/runs/r1"]["state"] = "FAILED"
    found = run_trials(SWEEP, tmp_path, place, figure, print, print, every=0)
    assert [trial.error for trial in found] == [f"FAILED: {place.kubeflow.page('r1')}"] * 2


def test_a_run_whose_figure_mlflow_does_not_know_has_failed(place: Place, tmp_path: Path) -> None:
    found = run_trials(SWEEP, tmp_path, place, lambda _: None, print, print, every=0)
    assert "has no train_devise-devise/validation_hit_at_1" in found[0].error


def test_a_start_that_got_no_answer_is_found_by_its_name_and_not_made_twice(
    server: Server, place: Place, tmp_path: Path
) -> None:
    server.answers[f"POST {API}/runs"] = [(503, {}), {"run_id": "r2"}]
    server.answers[f"GET {API}/runs"] = {"runs": [{"run_id": "r1"}]}
    server.answers[f"GET {API}/runs/r2"] = {"run_id": "r2", "state": "SUCCEEDED"}
    said: list[str] = []
    found = run_trials(SWEEP, tmp_path, place, figure, lambda _: None, said.append, every=0)
    assert [trial.run_id for trial in found] == ["r1", "r2"]
    assert said[0].endswith("It is asked again.")
    first, _ = server.sent(f"POST {API}/runs")
    (query,) = server.queries(f"GET {API}/runs")
    assert f'"stringValue": "{first["display_name"]}"' in query


def test_a_command_killed_before_it_heard_of_the_start_finds_the_run(
    server: Server, place: Place, tmp_path: Path
) -> None:
    server.answers[f"POST {API}/runs"] = (500, {})
    with pytest.raises(ValueError, match="refuses"):
        run_trials(SWEEP, tmp_path, place, figure, lambda _: None, print, every=0)
    server.answers[f"POST {API}/runs"] = {"run_id": "r1"}
    server.answers[f"GET {API}/runs"] = {"runs": [{"run_id": "r0"}]}
    server.answers[f"GET {API}/runs/r0"] = {"run_id": "r0", "state": "SUCCEEDED"}
    found = run_trials(SWEEP, tmp_path, place, figure, lambda _: None, print, every=0)
    assert [trial.run_id for trial in found] == ["r0", "r1"]


def test_a_trial_that_failed_is_another_run_when_it_is_tried_again(
    server: Server, place: Place, tmp_path: Path
) -> None:
    for _ in range(2):
        run_trials(SWEEP, tmp_path, place, lambda _: None, lambda _: None, print, every=0)
    names = {run["display_name"] for run in server.sent(f"POST {API}/runs")}
    assert len(names) == 4


def test_a_trial_that_was_not_told_of_is_not_kept_as_ended(
    server: Server, place: Place, tmp_path: Path
) -> None:
    def killed(_trial: Trial) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trials(SWEEP, tmp_path, place, figure, killed, print, every=0)
    ended: list[Trial] = []
    run_trials(SWEEP, tmp_path, place, figure, ended.append, print, every=0)
    assert [trial.number for trial in ended] == [1, 2]
    assert len(server.sent(f"POST {API}/runs")) == 2


def test_the_pipeline_of_trials_is_no_schedules() -> None:
    assert not PIPELINE.startswith(PREFIX)


def test_no_more_trials_run_at_a_time_than_are_allowed(
    server: Server, place: Place, tmp_path: Path
) -> None:
    trials = tuple({"devise_margin": margin} for margin in (0.15, 0.2, 0.25))
    told: list[str] = []

    def say(line: str) -> None:
        told.append(line.replace(place.kubeflow.page(""), "run "))
        begun = len(server.sent(f"POST {API}/runs"))
        # The first goes on until the last has begun.
        state = "SUCCEEDED" if begun == 3 else "RUNNING"
        server.answers[f"GET {API}/runs/r1"] = {"run_id": "r1", "state": state}
        server.answers[f"POST {API}/runs"] = {"run_id": f"r{begun + 1}"}

    for number in (2, 3):
        run = {"run_id": f"r{number}", "state": "SUCCEEDED"}
        server.answers[f"GET {API}/runs/r{number}"] = run
    two = dataclasses.replace(place, at_once=2)
    sweep = dataclasses.replace(SWEEP, trials=trials)
    run_trials(sweep, tmp_path, two, figure, print, say, every=0)
    assert told == [
        *("trial 1: run r1", "trial 2: run r2", "trial 2: finished 0.2"),
        *("trial 3: run r3", "trial 1: finished 0.15", "trial 3: finished 0.25"),
    ]
