from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.web_server import WebServer, serving

from components.shared.storage.http_requests import (
    Facts,
    Failure,
    Patience,
    ask,
    facts_of,
    open_from,
    patiently,
    read_all,
    shown,
)

CONTENT = bytes(range(100))
QUICK = Patience(attempts=3, first_wait=0.001)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    with serving(tmp_path / "served") as state:
        state.put("x", CONTENT)
        yield state


def failing(times: int, failure: Failure) -> Callable[[], str]:
    left = [failure] * times

    def attempt() -> str:
        if left:
            raise left.pop()
        return "done"

    return attempt


def test_the_rest_of_a_file_is_asked_for_under_its_version(server: WebServer) -> None:
    facts = facts_of(f"{server.url}/x")
    assert facts is not None
    assert facts.length == 100
    answer = open_from(f"{server.url}/x", 40, facts.version, 5)
    with answer.response:
        assert (answer.start, answer.facts) == (40, facts)
        assert answer.response.read() == CONTENT[40:]


def test_of_another_version_the_whole_file_comes(server: WebServer) -> None:
    answer = open_from(f"{server.url}/x", 40, '"older"', 5)
    with answer.response:
        assert answer.start == 0
        assert answer.response.read() == CONTENT


def test_facts_of_no_file_are_none_and_a_refusal_is_none_of_them(server: WebServer) -> None:
    assert facts_of(f"{server.url}/nothing") is None
    server.busy = [500]
    with pytest.raises(Failure, match="the server answers 500") as failure:
        facts_of(f"{server.url}/x")
    assert not failure.value.is_lasting


@pytest.mark.parametrize(
    ("status", "lasting"), [(404, True), (403, True), (429, False), (503, False)]
)
def test_some_refusals_are_lasting(server: WebServer, status: int, lasting: bool) -> None:
    server.busy = [status]
    with pytest.raises(Failure, match=f"answers {status}") as failure:
        ask(f"{server.url}/x", 5)
    assert failure.value.is_lasting == lasting


def test_an_address_with_a_blank_is_refused_without_its_secrets() -> None:
    with pytest.raises(ValueError, match=r"'http://h/x' has a blank") as error:
        ask("http://h/x?signature=my secret", 5)
    assert "secret" not in str(error.value)


def test_bytes_that_do_not_come_are_a_dropped_connection(server: WebServer) -> None:
    server.drop_always_after(10)
    with (
        ask(f"{server.url}/x", 5) as response,
        pytest.raises(Failure, match="the connection dropped, IncompleteRead"),
    ):
        read_all(response)


def test_a_weak_entity_tag_is_no_version() -> None:
    assert Facts(1, '"a"', "monday").version == '"a"'
    assert Facts(1, 'W/"a"', "monday").version == "monday"
    assert Facts(1, "", "").version == ""


def test_a_passing_failure_is_tried_again_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert patiently("http://h/x?s=secret", failing(2, Failure("busy", 503)), QUICK) == "done"
    told = capsys.readouterr().out
    assert told.splitlines() == ["http://h/x: busy; again in 0.001 s", *told.splitlines()[1:]]
    assert "again in 0.002 s" in told
    assert "secret" not in told


def test_patience_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failure, match="busy"):
        patiently("http://h/x", failing(3, Failure("busy", 503)), QUICK)
    with pytest.raises(Failure, match="gone"):
        patiently("http://h/x", failing(1, Failure("gone", 404)), QUICK)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_arrives_starts_the_tries_anew() -> None:
    arrived = iter(range(100))
    attempt = failing(9, Failure("dropped"))
    assert patiently("http://h/x", attempt, QUICK, lambda: next(arrived)) == "done"


def test_waits_grow_to_a_minute() -> None:
    patience = Patience()
    assert [patience.wait(n) for n in (1, 2, 3, 9)] == [1, 2, 4, 60]


def test_messages_leave_out_what_is_secret() -> None:
    assert shown("https://me:word@host/a/b?signature=x#y") == "https://host/a/b"
