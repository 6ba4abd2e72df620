"""A real HTTP server that answers as much of Kubeflow's and Kubernetes' APIs as tests need."""

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

ANSWERS = Path(__file__).parents[1] / "pipeline" / "cluster" / "answers"


class Server(ThreadingHTTPServer):
    """What it answers, and what it was asked.

    Attributes:
        answers: By method and path, such as `GET /apis/v2beta1/runs/r1`: a body, as JSON or as a
            text, or a status and a body; a list of these is one a request, the last for all others.
        requests: Method, path with its query, headers and body of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Any] = {"GET /apis/v2beta1/healthz": {"multi_user": False}}
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sent(self, request: str) -> list[Any]:
        """Bodies of the requests whose method and path are these."""
        return [
            body
            for method, path, _, body in self.requests
            if f"{method} {path.split('?')[0]}" == request
        ]

    def queries(self, request: str) -> list[str]:
        """Queries of the requests whose method and path are these."""
        found = [(f"{method} {path}").partition("?") for method, path, _, _ in self.requests]
        return [unquote_plus(query) for before, _, query in found if before == request]


class Handler(BaseHTTPRequestHandler):
    """Looks an answer up."""

    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        is_json = "json" in (self.headers.get("Content-Type") or "")
        body = json.loads(raw) if is_json and raw else raw
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        found = self.server.answers.get(f"{self.command} {self.path.split('?')[0]}", (404, {}))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        status, answer = found if isinstance(found, tuple) else (200, found)
        send(self, status, answer)

    do_GET = do_POST = do_DELETE = _do


def send(handler: BaseHTTPRequestHandler, status: int, answer: Any) -> None:
    """Answer a request, with a text as it is and all else as JSON."""
    is_text = isinstance(answer, str)
    payload = answer.encode() if is_text else json.dumps(answer).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "text/plain" if is_text else "application/json")
    handler.send_header("Content-Length", str(len(payload)))
    handler.end_headers()
    handler.wfile.write(payload)


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the block lasts."""
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def with_certificate(server: Server, folder: Path) -> Path:
    """Have the server speak TLS, with a certificate of its own, which is returned."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    file, key = folder / "own.pem", folder / "own.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=k",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return file


def answer(name: str) -> Any:
    """What a real Kubeflow answered, kept in a file."""
    return json.loads((ANSWERS / name).read_text())


def kubeconfig(address: str, folder: Path) -> Path:
    """A kubeconfig of a cluster at an address."""
    names = {"cluster": "c", "user": "u", "namespace": "kubeflow"}
    file = folder / "kubeconfig"
    file.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": address}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "x", "context": names}],
                "current-context": "x",
            }
        )
    )
    return file
