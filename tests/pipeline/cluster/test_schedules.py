"""Schedules, against a real HTTP server that keeps what it is sent."""

from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server

from components.shared.settings.presets import FIELDS, PRESETS, resolve, values_of
from components.shared.settings.table import PARAMETERS
from pipeline.cluster import schedules
from pipeline.cluster.connection import Kubeflow
from pipeline.cluster.schedules import Wanted

API = "/apis/v2beta1"
SCHEDULES = f"{API}/recurringruns"
GIVEN = [f"{name}=s3://b/{name}" for name in FIELDS if name.endswith(("_uri", "_uris"))]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def wanted(**settings: Any) -> Wanted:
    parameters = {"preset": "paper", "seed": 0, "settings": {"devise_margin": 0.1, **settings}}
    return Wanted("paper", "0 0 3 * * 0", parameters, "devise")


def listed(recurring_run_id: str, name: str, status: str = "ENABLED", **more: Any) -> Any:
    return {
        "recurring_run_id": recurring_run_id,
        "display_name": name,
        "status": status,
        "trigger": {"cron_schedule": {"cron": "0 0 3 * * 0"}},
        "runtime_config": {"parameters": {"preset": "paper", "settings": {"devise_margin": 0.1}}},
        **more,
    }


@pytest.fixture
def file(tmp_path: Path, server: Server) -> Path:
    server.answers |= {
        f"GET {API}/pipelines": {"pipelines": [{"pipeline_id": "p1"}]},
        f"GET {API}/experiments": {"experiments": [{"experiment_id": "e1"}]},
        f"POST {API}/pipelines/upload_version": {"pipeline_id": "p1", "pipeline_version_id": "v2"},
        f"POST {SCHEDULES}": listed("s2", "devise-paper"),
        f"GET {SCHEDULES}": {},
        f"GET {API}/runs": {},
        **{f"DELETE {SCHEDULES}/{one}": {} for one in ("s0", "s1", "s2")},
        **{f"POST {SCHEDULES}/{one}:disable": {} for one in ("s0", "s1")},
        **{f"POST {SCHEDULES}/{one}:enable": {} for one in ("s1", "s2")},
    }
    written = tmp_path / "pipeline.yaml"
    written.write_text("root: {}\n")
    return written


@pytest.fixture
def there(server: Server, file: Path) -> Server:
    """A server that has the schedule already."""
    server.answers[f"GET {SCHEDULES}"] = {"recurringRuns": [listed("s1", "devise-paper")]}
    return server


def asked(server: Server, method: str) -> list[str]:
    return [path for way, path, _, _ in server.requests if way == method]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_value_is_sent_so_that_no_later_preset_or_default_changes_it(preset: str) -> None:
    values = values_of(preset, GIVEN)
    sent = schedules.arguments(preset, values)
    assert sent["preset"] == preset
    assert set(sent["settings"]) == set(PARAMETERS) - set(FIELDS)
    fields = {name: sent[name] for name in FIELDS}
    for other in PRESETS:
        assert resolve(other, sent["settings"], fields) == values


def test_a_schedule_follows_the_latest_version_of_its_own_pipeline(
    kubeflow: Kubeflow, server: Server, file: Path
) -> None:
    assert schedules.create(kubeflow, file, wanted()).recurring_run_id == "s2"
    (body,) = server.sent(f"POST {SCHEDULES}")
    assert body["display_name"] == "devise-paper"
    assert body["pipeline_version_reference"] == {"pipeline_id": "p1"}
    assert body["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 0"
    assert (body["max_concurrency"], body["no_catchup"]) == ("1", True)
    assert all('"stringValue": "devise-paper"' in q for q in server.queries(f"GET {API}/pipelines"))


def test_a_name_that_is_taken_is_refused_and_nothing_uploaded(
    kubeflow: Kubeflow, there: Server, file: Path
) -> None:
    with pytest.raises(ValueError, match=r"There is a schedule 'paper': move it .* with --update"):
        schedules.create(kubeflow, file, wanted())
    assert asked(there, "POST") == []


def changes(server: Server) -> list[str]:
    """What was asked that changes something, in order."""
    asked = [(way, path.partition("?")[0]) for way, path, _, _ in server.requests if way != "GET"]
    return [f"{way} {path.removeprefix(API)}" for way, path in asked]


def test_an_update_makes_the_new_one_uploads_its_version_and_only_then_deletes_the_old(
    kubeflow: Kubeflow, there: Server, file: Path
) -> None:
    earlier, made = schedules.update(kubeflow, file, wanted())
    assert (earlier.recurring_run_id, made.recurring_run_id) == ("s1", "s2")
    assert earlier.enabled
    assert made.enabled
    assert changes(there) == [
        "POST /recurringruns", "POST /pipelines/upload_version", "POST /recurringruns/s2:enable",
        "DELETE /recurringruns/s1",
    ]  # fmt: skip
    (body,) = there.sent(f"POST {SCHEDULES}")
    assert body["mode"] == "DISABLE"


def test_an_update_that_kubeflow_refuses_changes_nothing(
    kubeflow: Kubeflow, there: Server, file: Path
) -> None:
    there.answers[f"POST {SCHEDULES}"] = (400, {"message": "99 is no day"})
    with pytest.raises(ValueError, match="99 is no day"):
        schedules.update(kubeflow, file, wanted())
    assert changes(there) == ["POST /recurringruns"]


def test_an_update_whose_version_cannot_be_uploaded_leaves_the_old_one_alone(
    kubeflow: Kubeflow, there: Server, file: Path
) -> None:
    there.answers[f"POST {API}/pipelines/upload_version"] = (400, {"message": "too large"})
    with pytest.raises(ValueError, match="too large"):
        schedules.update(kubeflow, file, wanted())
    assert changes(there)[-1] == "DELETE /recurringruns/s2"
    assert "DELETE /recurringruns/s1" not in changes(there)


def test_a_schedule_that_was_paused_stays_paused(
    kubeflow: Kubeflow, there: Server, file: Path
) -> None:
    old = listed("s1", "devise-paper", "DISABLED")
    there.answers[f"GET {SCHEDULES}"] = {"recurringRuns": [old]}
    _, made = schedules.update(kubeflow, file, wanted())
    assert not made.enabled
    assert "POST /recurringruns/s2:enable" not in changes(there)


@pytest.fixture
def twice(there: Server) -> Server:
    """A server that has what an update left that was killed before it deleted the old one."""
    both = [listed("s0", "devise-paper", "DISABLED"), listed("s1", "devise-paper")]
    there.answers[f"GET {SCHEDULES}"] = {"recurringRuns": both}
    return there


def test_an_update_after_one_that_was_killed_leaves_a_single_schedule(
    kubeflow: Kubeflow, twice: Server, file: Path
) -> None:
    earlier, made = schedules.update(kubeflow, file, wanted())
    assert earlier.recurring_run_id == "s1"
    assert made.enabled
    assert changes(twice)[-2:] == ["DELETE /recurringruns/s0", "DELETE /recurringruns/s1"]


def test_what_a_killed_update_left_is_paused_and_removed_whole_and_not_resumed(
    kubeflow: Kubeflow, twice: Server
) -> None:
    schedules.pause(kubeflow, "paper")
    assert changes(twice) == [f"POST /recurringruns/{one}:disable" for one in ("s0", "s1")]
    with pytest.raises(ValueError, match="There are 2 schedules 'paper', which an update"):
        schedules.resume(kubeflow, "paper")
    schedules.remove(kubeflow, "paper")
    assert changes(twice)[2:] == [f"DELETE /recurringruns/{one}" for one in ("s0", "s1")]


def test_an_update_of_what_is_not_there_says_what_is(
    kubeflow: Kubeflow, server: Server, file: Path
) -> None:
    with pytest.raises(ValueError, match=r"There is no schedule 'paper' at .*, only these: none"):
        schedules.update(kubeflow, file, wanted())


@pytest.mark.parametrize(
    "act", [schedules.remove, lambda k, n: schedules.update(k, Path(), wanted())]
)
def test_a_schedule_whose_run_goes_on_is_not_deleted_under_it(
    kubeflow: Kubeflow, there: Server, act: Any
) -> None:
    run = {"run_id": "r1", "recurring_run_id": "s1", "state": "RUNNING"}
    there.answers[f"GET {API}/runs"] = {"runs": [run]}
    with pytest.raises(ValueError, match="Run r1 of schedule 'paper' goes on, and would be lost"):
        act(kubeflow, "paper")
    assert asked(there, "DELETE") == []


def test_a_run_that_goes_on_is_found_behind_any_number_of_newer_ones(
    kubeflow: Kubeflow, there: Server
) -> None:
    newer = [{"run_id": f"n{number}", "state": "SUCCEEDED"} for number in range(100)]
    run = {"run_id": "r1", "recurring_run_id": "s1", "state": "RUNNING"}
    there.answers[f"GET {API}/runs"] = [{"runs": newer, "next_page_token": "t1"}, {"runs": [run]}]
    with pytest.raises(ValueError, match="Run r1 of schedule 'paper' goes on"):
        schedules.remove(kubeflow, "paper")
    assert "page_token=t1" in there.queries(f"GET {API}/runs")[1]


def test_schedules_are_listed_with_their_last_run(kubeflow: Kubeflow, there: Server) -> None:
    others = [listed("s3", "somebody's"), listed("s4", "devise-night", "DISABLED")]
    mine = [listed("s1", "devise-paper"), *others]
    there.answers[f"GET {SCHEDULES}"] = {"recurringRuns": mine}
    there.answers[f"GET {API}/runs"] = {
        "runs": [
            {"run_id": "r2", "recurring_run_id": "s1", "state": "FAILED",
             "created_at": "2026-01-11T03:00:00Z"},
            {"run_id": "r1", "recurring_run_id": "s1", "state": "SUCCEEDED",
             "created_at": "2026-01-04T03:00:00Z"},
        ]
    }  # fmt: skip
    lines = schedules.table(kubeflow).splitlines()
    assert [line.split()[0] for line in lines] == ["name", "night", "paper"]
    assert "paused  -" in lines[1]
    assert "0 0 3 * * 0  runs" in lines[2]
    assert "2026-01-11 03:00 failed" in lines[2]


@pytest.mark.parametrize(
    ("act", "request_"),
    [
        (schedules.pause, f"POST {SCHEDULES}/s1:disable"),
        (schedules.resume, f"POST {SCHEDULES}/s1:enable"),
        (schedules.remove, f"DELETE {SCHEDULES}/s1"),
    ],
)
def test_a_schedule_is_paused_resumed_and_removed_by_name(
    kubeflow: Kubeflow, there: Server, act: Any, request_: str
) -> None:
    act(kubeflow, "paper")
    assert len(there.sent(request_)) == 1


def test_what_an_update_changes_is_told_value_by_value() -> None:
    before = {"preset": "paper", "seed": 0.0, "settings": {"devise_margin": 0.1, "gone": 1}}
    after = {"preset": "paper", "seed": 0, "settings": {"devise_margin": 0.2, "new": [1]}}
    assert schedules.differences(before, after) == [
        "devise_margin: 0.1 -> 0.2", "new: (not there) -> [1]", "gone: 1 -> (not there)",
    ]  # fmt: skip


def test_what_a_signed_address_keeps_secret_is_not_told() -> None:
    before = {"settings": {"labels_vectors_uri": "https://u:p@host/v.npz?signature=of-mine"}}
    assert schedules.differences(before, {"corpus_uris": ["https://host/text?key=of-mine"]}) == [
        "corpus_uris: (not there) -> ['https://host/text']",
        "labels_vectors_uri: 'https://host/v.npz' -> (not there)",
    ]


def test_a_cron_expression_of_five_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="has 5 fields: Kubeflow takes six"):
        schedules.check_cron("0 3 * * 0")
