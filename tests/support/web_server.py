"""A real web server for tests, whose connections drop where a test wants it."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class WebServer:
    """What is served, how, and what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    bytes_before_drop: int | None = None
    ranges: bool = True
    head: bool = True
    etag: str = '"one"'
    address: str = ""
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def respond(self, handler: http.server.BaseHTTPRequestHandler, with_content: bool) -> None:
        self.requests.append((handler.command, handler.headers["Range"]))
        content = self.files.get(handler.path)
        if content is None or not (with_content or self.head):
            handler.send_error(404 if content is None else 405)
            return
        part = self._part(handler, len(content))
        handler.send_response(206 if part else 200)
        if part:
            span = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
            handler.send_header("Content-Range", span)
            content = content[part.start : part.stop]
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("ETag", self.etag)
        handler.end_headers()
        # A reader may stop before the end.
        with suppress(ConnectionError):
            handler.wfile.write(content[: self.bytes_before_drop] if with_content else b"")

    def _part(self, handler: http.server.BaseHTTPRequestHandler, length: int) -> range | None:
        asked = handler.headers["Range"]
        if not asked or not self.ranges or handler.headers["If-Range"] not in (None, self.etag):
            return None
        first, _, last = asked.removeprefix("bytes=").partition("-")
        return range(int(first), int(last) + 1 if last else length)


@contextmanager
def web_server() -> Iterator[WebServer]:
    served = WebServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.respond(self, with_content=True)

        def do_HEAD(self) -> None:
            served.respond(self, with_content=False)

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
