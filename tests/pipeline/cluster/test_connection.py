"""Every refusal is a sentence, against a real server, or a port where nobody listens."""

import socket
import time
from pathlib import Path

import pytest
from support.kubeflow import Server, with_certificate
from support.ports import free_port

from pipeline.cluster.connection import Absent, Kubeflow, Unreachable, connect

HEALTH = "GET /apis/v2beta1/healthz"
RUN = "/apis/v2beta1/runs/r1"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_where_nobody_listens_it_is_said_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with pytest.raises(
        Unreachable, match=rf"{address} does not answer \(.*refused\): check --host"
    ):
        connect(address, "kubeflow")
    assert sum(slept) < 5


def test_a_name_that_is_none_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"https://kubeflow.invalid does not answer"):
        connect("kubeflow.invalid", "kubeflow")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"error": "no user"}), r"does not know us \(401\): put a token in KFP_TOKEN"),
        ((302, ""), "answers with a page, not with Kubeflow Pipelines' API, as a login does"),
        ((200, "<html>log in</html>"), "put a token in KFP_TOKEN, or the cookies of a browser"),
        ((404, {}), "has no Kubeflow Pipelines API .* the address ends in /pipeline"),
        ((503, {"message": "starting"}), r"refuses \(namespace 'vision', 503\): starting"),
    ],
)
def test_who_cannot_come_in_is_told_why(server: Server, answer: object, sentence: str) -> None:
    server.answers[HEALTH] = answer
    with pytest.raises(ValueError, match=sentence):
        connect(server.address, "vision")


def test_a_namespace_that_is_not_ours_is_named(server: Server, profile: Kubeflow) -> None:
    server.answers["GET /apis/v2beta1/pipelines"] = (403, {"message": "PermissionDenied"})
    with pytest.raises(ValueError, match=r"forbids this in namespace 'vision' \(403\): give --na"):
        profile.client.list_pipelines(namespace=profile.scope)


def test_what_is_not_there_is_said_with_what_the_api_says(kubeflow: Kubeflow) -> None:
    with pytest.raises(Absent, match="has not what was asked for"):
        kubeflow.client.get_run("r1")


def test_the_environment_says_who_we_are(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_TOKEN", "secret-token")
    monkeypatch.setenv("KFP_COOKIES", "session=1")
    connect(server.address, "kubeflow")
    _, _, headers, _ = server.requests[-1]
    assert headers["authorization"] == "Bearer secret-token"
    assert headers["Cookie"] == "session=1"


def test_a_single_user_has_no_namespace_of_their_own(kubeflow: Kubeflow) -> None:
    assert (kubeflow.scope, kubeflow.run_namespace) == (None, "kubeflow")


def test_a_profile_is_a_namespace(profile: Kubeflow) -> None:
    assert (profile.scope, profile.run_namespace) == ("vision", "vision")


def test_a_server_that_never_ends_its_answer_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setattr("pipeline.cluster.connection.SECONDS", (1, 1))
        with pytest.raises(Unreachable, match="does not answer"):
            connect(f"http://127.0.0.1:{silent.getsockname()[1]}", "kubeflow")


@pytest.fixture
def certificate(tmp_path: Path, server: Server) -> Path:
    """The server speaks TLS, with this certificate of its own."""
    return with_certificate(server, tmp_path)


def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(
    server: Server, certificate: Path
) -> None:
    address = server.address.replace("http:", "https:")
    with pytest.raises(ValueError, match=r"certificate that is not trusted: .* --ssl-ca-cert"):
        connect(address, "vision")
    assert connect(address, "vision", str(certificate)).multi_user is False
