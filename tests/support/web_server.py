"""A real web server of the files in a folder, that can be told to misbehave."""

import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """A request: its method, its path with what stands behind `?`, and what parts it wants."""

    method: str
    path: str
    range: str


@dataclass
class WebServer:
    """Where it is, how it behaves, and what it was asked.

    Attributes:
        root: folder of the files.
        url: its address.
        drops: bytes after which the next answers with bytes end, as long as there are any.
        busy: status codes that the next requests are answered with.
        ranges: whether it honours Range.
        head: whether it knows HEAD.
        shifted: by how many bytes the first and the last byte of what it sends are others than was
            asked for.
        etag: how it marks versions; None: by a hash of the content; empty: not at all.
        requests: all that it was asked.
    """

    root: Path
    url: str = ""
    drops: Iterator[int] = field(default_factory=lambda: iter(()))
    busy: list[int] = field(default_factory=list)
    ranges: bool = True
    head: bool = True
    shifted: tuple[int, int] = (0, 0)
    etag: str | None = None
    requests: list[Asked] = field(default_factory=list)

    def put(self, name: str, content: bytes) -> str:
        """Serve a file; returns its address."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return f"{self.url}/{name}"

    def drop_always_after(self, count: int) -> None:
        """End every answer after so many bytes."""
        self.drops = repeat(count)

    def ranges_asked(self) -> list[str]:
        """What part each request wanted; empty: all."""
        return [asked.range for asked in self.requests]


def _etag(state: WebServer, data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"' if state.etag is None else state.etag


def _handler(state: WebServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            self._respond()

        def do_HEAD(self) -> None:
            self._respond()

        def _respond(self) -> None:
            state.requests.append(Asked(self.command, self.path, self.headers.get("Range", "")))
            file = state.root / self.path.partition("?")[0].lstrip("/")
            if state.busy:
                self._answer(state.busy.pop(0), b"", {})
            elif not file.is_file():
                self._answer(404, b"", {})
            elif self.command == "HEAD" and not state.head:
                self._answer(405, b"", {})
            else:
                self._send(file.read_bytes())

        def _send(self, data: bytes) -> None:
            etag = _etag(state, data)
            headers = {"ETag": etag} if etag else {}
            found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            same = self.headers.get("If-Range", etag) == etag
            if not (found and state.ranges and same):
                self._answer(200, data, headers)
                return
            start, size = int(found[1]) + state.shifted[0], len(data)
            if start >= size:
                self._answer(416, b"", {"Content-Range": f"bytes */{size}"})
                return
            end = int(found[2]) + 1 + state.shifted[1] if found[2] else size
            part = data[start:end]
            span = f"bytes {start}-{start + len(part) - 1}/{size}"
            self._answer(206, part, headers | {"Content-Range": span})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body and self.command == "GET":
                # A reader may stop before the end.
                with suppress(ConnectionError):
                    self.wfile.write(body[: next(state.drops, len(body))])
            self.close_connection = True

    return Handler


@contextmanager
def serving(root: Path) -> Iterator[WebServer]:
    """Serve a folder on a free port for as long as the context lasts."""
    root.mkdir(parents=True, exist_ok=True)
    state = WebServer(root)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(state)) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
