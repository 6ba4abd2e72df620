import pytest

from components.shared.storage.http_requests import Failure, Patience
from components.shared.storage.resuming import Connection, Remote, open_resuming

CONTENT = b"0123456789"


class Server:
    """Gives three bytes a connection, then breaks off; remembers where it was asked to begin."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.closed = 0

    def open_at(self, position: int) -> Connection:
        self.asked.append(position)
        left = [CONTENT[position : position + 3]]

        def take(most: int) -> bytes:
            if not left:
                raise Failure("the connection dropped")
            data, rest = left[0][:most], left.pop()[most:]
            left.extend([rest] if rest else [])
            return data

        def close() -> None:
            self.closed += 1

        return Connection(take, close)


def remote(server: Server, end: int | None) -> Remote:
    return Remote("s3://devise/x", end, server.open_at, Patience(attempts=2, first_wait=0.001))


def test_each_connection_goes_on_where_the_last_one_broke_off() -> None:
    server = Server()
    with open_resuming(remote(server, 10), server.open_at(0)) as stream:
        assert stream.read() == CONTENT
    assert server.asked == [0, 3, 6, 9]
    assert server.closed == 4


def test_a_part_is_read_from_its_start_to_its_end() -> None:
    server = Server()
    with open_resuming(remote(server, 7), server.open_at(2), 2) as stream:
        assert stream.read(4) == b"2345"
        assert stream.read() == b"6"[:1]
    assert server.asked == [2, 5]


def test_an_end_that_comes_too_early_is_no_end() -> None:
    server = Server()
    with (
        open_resuming(remote(server, 12), server.open_at(0)) as stream,
        pytest.raises(ValueError, match=r"after 10 bytes .* again \(the rest did not come\)"),
    ):
        stream.read()


def test_without_a_length_the_end_is_where_nothing_comes() -> None:
    server = Server()
    with open_resuming(remote(server, None), server.open_at(0)) as stream:
        assert stream.read() == CONTENT
