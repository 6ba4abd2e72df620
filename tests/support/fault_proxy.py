"""A small HTTP proxy before a real server, which does to its calls what networks do.

What a fault does: `500`, `503` and `401` are answered in the server's place, which never hears of
the call; `reset` breaks the connection before the server hears of it; `lost` after it has done what
it was asked; `cut` breaks it in the middle of the answer's body; `delay` holds the call back for
`seconds`; `silent` never answers.
"""

import http.client
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

REFUSALS = ("500", "503", "401")
PASSING = ("500", "503", "reset", "lost", "cut", "delay")
"""Faults of a server that is there all the same."""
# Sent on as they are, but for what belongs to a connection.
OF_CONNECTIONS = ("connection", "transfer-encoding", "content-length", "keep-alive")


@dataclass
class Fault:
    """What is done to some calls.

    Attributes:
        kind: What is done.
        calls: Regular expression for `METHOD /path?query`.
        rate: Share of these calls.
        times: How many of them at most; None: without end.
        seconds: Of a delay.
        after: Bytes of the body that a cut lets through; None: half of it.
    """

    kind: str
    calls: str = ""
    rate: float = 1.0
    times: int | None = None
    seconds: float = 0.05
    after: int | None = None


@dataclass
class FaultProxy:
    """Where it listens, what it does, and what it did.

    Attributes:
        target: Address of the server.
        faults: What is done to calls; the first that fits.
        url: Its own address.
        calls: `METHOD /path` of each call, with its headers.
        done: Kind of each fault that was done.
        gone: Whether nobody listens any more.
    """

    target: str
    faults: list[Fault] = field(default_factory=list)
    url: str = ""
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    gone: bool = False
    _random: random.Random = field(default_factory=lambda: random.Random(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, call: str, headers: dict[str, str]) -> Fault | None:
        """The fault for a call, if it meets with one."""
        with self._lock:
            self.calls.append((call, headers))
            for fault in self.faults:
                if fault.times != 0 and re.search(fault.calls, call) and self._strikes(fault):
                    self.done.append(fault.kind)
                    return fault
        return None

    def _strikes(self, fault: Fault) -> bool:
        strikes = self._random.random() < fault.rate
        if strikes and fault.times is not None:
            fault.times -= 1
        return strikes


def at_rate(rate: float) -> list[Fault]:
    """Faults of all passing kinds that together meet with this share of all calls."""
    # Each is asked for where those before it have not struck; for small shares that is the same.
    return [Fault(kind, rate=rate / len(PASSING)) for kind in PASSING]


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            fault = proxy.ask(f"{self.command} {self.path}", dict(self.headers))
            body = self._asked()
            kind = "reset" if proxy.gone else fault.kind if fault else ""
            if kind == "reset":
                self._break_off()
            elif kind == "silent":
                self._wait_for_the_end()
            elif kind in REFUSALS:
                self._answer(int(kind), {}, b"{}", None)
            else:
                if fault and kind == "delay":
                    time.sleep(fault.seconds)
                self._pass_on(body, fault)

        do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

        def _asked(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _pass_on(self, body: bytes, fault: Fault | None) -> None:
            place = urlsplit(proxy.target)
            assert place.hostname is not None
            server = http.client.HTTPConnection(place.hostname, place.port)
            try:
                # Signatures cover the name that the client knows the server by.
                server.putrequest(
                    self.command, self.path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in self.headers.items():
                    if name.lower() not in OF_CONNECTIONS:
                        server.putheader(name, value)
                server.putheader("Content-Length", str(len(body)))
                server.endheaders(body)
                answer = server.getresponse()
                headers, data = dict(answer.headers.items()), answer.read()
            except OSError:
                self._break_off()
                return
            finally:
                server.close()
            if fault and fault.kind == "lost":
                self._break_off()
            else:
                self._answer(answer.status, headers, data, fault)

        def _answer(
            self, status: int, headers: dict[str, str], data: bytes, fault: Fault | None
        ) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in (*OF_CONNECTIONS, "date", "server"):
                    self.send_header(name, value)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else len(data)
            if status not in (204, 304):
                self.send_header("Content-Length", str(length))
            with suppress(ConnectionError):
                self.end_headers()
                if self.command != "HEAD":
                    self._send(data, fault)

        def _send(self, data: bytes, fault: Fault | None) -> None:
            if fault is None or fault.kind != "cut" or not data:
                self.wfile.write(data)
                return
            self.wfile.write(data[: len(data) // 2 if fault.after is None else fault.after])
            self.wfile.flush()
            self._break_off(kindly=True)

        def _break_off(self, kindly: bool = False) -> None:
            """End the connection; kindly: what was sent arrives, else at once, by a reset."""
            self.close_connection = True
            if not kindly:
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                self.connection.close()

        def _wait_for_the_end(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                while self.connection.recv(1024):
                    pass

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away."""


@contextmanager
def faults_before(target: str, *faults: Fault) -> Iterator[FaultProxy]:
    """A proxy on a free port for as long as the context lasts.

    Args:
        target: Address of the server behind it.
        faults: From the start on; the proxy's list can be changed at any time.
    """
    proxy = FaultProxy(target, list(faults))
    with listening(proxy):
        yield proxy


@contextmanager
def listening(proxy: FaultProxy) -> Iterator[None]:
    """Let a proxy listen while the context lasts, where it did before; then nobody does."""
    port, proxy.gone = urlsplit(proxy.url).port or 0, False
    with _Server(("127.0.0.1", port), _handler(proxy)) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            # Connections that are open outlive the server.
            proxy.gone = True
            server.shutdown()
            thread.join()
