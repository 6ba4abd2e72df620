import pytest
from support.kubeflow import Server

from pipeline.cli import main

API = "/apis/v2beta1"
NIGHT = {"recurring_run_id": "s1", "display_name": "devise-night", "status": "ENABLED"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def night(server: Server) -> Server:
    server.answers |= {
        f"GET {API}/recurringruns": {"recurringRuns": [NIGHT]},
        f"GET {API}/runs": {},
        f"POST {API}/recurringruns/s1:disable": {},
    }
    return server


def test_schedules_are_listed(night: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedules"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "night"


def test_one_is_paused_by_its_name(night: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedules", "pause", "night"]) == 0
    assert len(night.sent(f"POST {API}/recurringruns/s1:disable")) == 1
    assert capsys.readouterr().out == "Schedule night is paused.\n"


def test_an_action_needs_a_name(night: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedules", "pause"]) == 2
    assert "error: pause which schedule? Give its name." in capsys.readouterr().err
    assert night.requests == []
