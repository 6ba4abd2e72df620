from types import SimpleNamespace

import pytest
from support.kubeflow import Server

from pipeline.cli import main
from pipeline.commands.kubeflow_options import connected


def test_the_connection_is_the_one_that_the_options_name(server: Server) -> None:
    options = SimpleNamespace(host=server.address, namespace="vision", ssl_ca_cert=None)
    assert (connected(options).host, connected(options).namespace) == (server.address, "vision")


@pytest.mark.parametrize("command", ["submit", "schedule", "schedules", "status"])
def test_help_names_what_the_environment_may_hold(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("KFP_TOKEN", "KFP_COOKIES", "KF_PIPELINES_ENDPOINT"))


def test_a_certificate_file_that_is_not_there_is_refused(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schedules", "--ssl-ca-cert", "no.pem"]) == 2
    assert "'no.pem' does not exist" in capsys.readouterr().err
