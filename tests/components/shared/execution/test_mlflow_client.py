"""The check of a server, and the patience with it, against a real one behind a proxy."""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.fault_proxy import PASSING, Fault, FaultProxy, faults_before, listening

from components.shared.execution import mlflow_client
from components.shared.execution.mlflow_client import as_sentences, check_server, client


@pytest.fixture
def proxy(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """What stands between us and the server, which is asked again at once."""
    monkeypatch.setattr(mlflow_client, "_FIRST_WAIT", 0.01)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with faults_before(mlflow_server) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        yield proxy


def test_a_server_that_is_there_passes(proxy: FaultProxy) -> None:
    check_server(f"new-{uuid.uuid4().hex}")


def test_without_a_server_there_is_nothing_to_check() -> None:
    check_server("devise")


@pytest.mark.parametrize("kind", PASSING)
def test_one_failure_is_none(proxy: FaultProxy, kind: str) -> None:
    proxy.faults[:] = [Fault(kind, times=1)]
    check_server("Default")
    assert proxy.done == [kind]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("500", "it answers with errors: start it, or correct MLFLOW_TRACKING_URI"),
        ("reset", "it breaks off: start it"),
        ("silent", "it does not answer: start it"),
        ("401", "it answers 401: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
    ],
)
def test_what_does_not_pass_is_a_sentence(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, kind: str, why: str
) -> None:
    monkeypatch.setattr(mlflow_client, "CHECK_SECONDS", 0.3)
    monkeypatch.setattr(mlflow_client, "CHECK_TIMEOUT", "1")
    proxy.faults[:] = [Fault(kind)]
    with pytest.raises(ValueError, match=rf"^MLflow at {proxy.url}: {why}"):
        check_server("devise")


def test_nobody_who_listens_is_a_sentence(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_client, "CHECK_SECONDS", 0.3)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(ValueError, match=r"^MLflow at http://127.0.0.1:1: nothing listens there"):
        check_server("devise")


def test_a_deleted_experiment_is_named_with_what_restores_it(proxy: FaultProxy) -> None:
    name = f"deleted-{uuid.uuid4().hex}"
    number = client().create_experiment(name)
    client().delete_experiment(number)
    with pytest.raises(ValueError, match=rf"'{name}' was deleted .*--experiment-id {number}\)"):
        check_server(name)


def test_an_injected_run_that_is_not_there_is_named(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    with pytest.raises(ValueError, match=f"has no run {'0' * 32}, which MLFLOW_RUN_ID names"):
        check_server("Default")


@pytest.mark.parametrize("kind", PASSING)
def test_a_call_is_made_again_until_it_goes_well(proxy: FaultProxy, kind: str) -> None:
    proxy.faults[:] = [Fault(kind, times=3)]
    found = client().get_experiment_by_name("Default")
    assert found is not None
    assert proxy.done == [kind] * (1 if kind == "delay" else 3)


def test_a_server_that_comes_back_is_waited_for(
    mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with faults_before(mlflow_server) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        asked = client()
    with ExitStack() as later:
        # It is there again when the first wait is over.
        monkeypatch.setattr(time, "sleep", lambda _: later.enter_context(listening(proxy)))
        assert asked.get_experiment_by_name("Default") is not None


def test_an_id_with_the_digits_of_a_status_is_no_refused_user(proxy: FaultProxy) -> None:
    run_id = f"403{uuid.uuid4().hex[6:]}401"
    with pytest.raises(ValueError, match=run_id) as told, as_sentences():
        client().get_run(run_id)
    with pytest.raises(ValueError, match="id=403") as told_too, as_sentences():
        client().get_experiment("403")
    assert "MLFLOW_TRACKING_USERNAME" not in f"{told.value}{told_too.value}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("API request to endpoint /x failed with error code 403 != 200. Re", "403, forbidden"),
        ("401 Client Error: UNAUTHORIZED for url: http://mlflow/x", "401, unauthorised"),
    ],
)
def test_who_is_not_let_in_is_told_so(text: str, words: str) -> None:
    assert mlflow_client.reason(ValueError(text)) == f"it answers {words}"


def test_what_a_server_refuses_for_good_is_a_sentence_too(proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match=r"^MLflow at .*: .*no-such-run"), as_sentences():
        client().get_run("no-such-run")
