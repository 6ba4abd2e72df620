"""A real HTTP server of the files in a folder, with ranges, that can be told to misbehave."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class FileServer:
    """Where it is, how it behaves, and what it was asked.

    Attributes:
        root: folder of the files.
        url: its address.
        drop_after: bytes after which the next connections end, one entry a connection.
        busy: status codes that the next requests are answered with.
        with_ranges: whether it honours Range.
        with_etag: whether it marks versions.
        requests: path and Range header of every request.
    """

    root: Path
    url: str = ""
    drop_after: list[int] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)
    with_ranges: bool = True
    with_etag: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def _handler(state: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            state.requests.append((self.path, asked))
            file = state.root / self.path.lstrip("/")
            if state.busy:
                self._answer(state.busy.pop(0), b"", {})
            elif not file.is_file():
                self._answer(404, b"", {})
            else:
                self._send(file.read_bytes(), asked)

        def _send(self, data: bytes, asked: str) -> None:
            headers = {"ETag": _etag(data)} if state.with_etag else {}
            found = re.fullmatch(r"bytes=(\d+)-", asked)
            same = self.headers.get("If-Range", _etag(data)) == _etag(data)
            if not (found and state.with_ranges and same):
                self._answer(200, data, headers)
                return
            start, size = int(found[1]), len(data)
            if start >= size:
                self._answer(416, b"", {"Content-Range": f"bytes */{size}"})
                return
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            self._answer(206, data[start:], headers)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            drop = state.drop_after.pop(0) if state.drop_after and body else len(body)
            self.wfile.write(body[:drop])
            self.close_connection = True

    return Handler


@contextmanager
def serving(root: Path) -> Iterator[FileServer]:
    """Serve a folder on a free port for as long as the context lasts."""
    state = FileServer(root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
