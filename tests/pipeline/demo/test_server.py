"""The page as a browser has it: the command, a real server, and Chromium where there is one."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from pipeline.demo.server import Shown, application, listening
from pipeline.model import load_model

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
IMAGE = {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def page(model_run: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page of a run's model."""
    run = tmp_path_factory.mktemp("a run")
    (run / "devise_model").symlink_to(model_run / "devise_model")
    shutil.copy(model_run / "image_index" / "index.parquet", run)
    command = [sys.executable, "pipeline.py", "demo", "--model", str(run), "--port", "0"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[3]
        process.terminate()


def asked(address: str, data: bytes | None = None, **headers: str) -> tuple[int, Any]:
    """Status and content of an answer."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(address, data, given)) as answer:
            content = answer.read()
            is_json = answer.headers["content-type"] == "application/json"
            return answer.status, json.loads(content) if is_json else content
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def photo(model_run: Path) -> bytes:
    return (model_run / "one.jpg").read_bytes()


def test_the_page_says_what_the_model_knows_and_has_examples(page: str) -> None:
    _, about = asked(f"{page}/model")
    assert about["labels"] == {"seen": 4, "unseen": 3, "all": 7}
    assert about["suggested"] == ["crane", "teapot", "tiger shark", "blue shark"]
    assert [example["seen"] for example in about["examples"]] == [True] * 4 + [False] * 3
    assert asked(f"{page}/examples/6")[1].startswith(b"\xff\xd8")
    assert asked(f"{page}/examples/7")[0] == 404


def test_a_photo_has_its_labels_its_words_and_its_place(page: str, photo: bytes) -> None:
    status, found = asked(f"{page}/answers?labels=teapot,%20blue%20shark", photo, **IMAGE)
    assert status == 200
    labels = {(label["label"], label["seen"]) for label in found["labels"]}
    assert labels == {("teapot", True), ("blue shark", False)}
    assert len(found["nearest_words"]) == 8
    assert [given["label"] for given in found["given"]] == ["teapot", "blue shark"]
    assert all(0 <= number <= 1 for number in found["place"])


@pytest.mark.parametrize(
    ("query", "data", "status", "told"),
    [
        ("labels=zyx", None, 400, "The label 'zyx' has no vector"),
        ("", b"dear", 400, "The photo is no image that can be read: it is none of JPEG"),
        ("labels=" + "a" * 9_000, None, 422, "8000"),
    ],
)
def test_what_a_person_can_mend_is_a_sentence(
    page: str, photo: bytes, query: str, data: bytes | None, status: int, told: str
) -> None:
    found = asked(f"{page}/answers?{query}", data or photo, **IMAGE)
    assert found[0] == status
    assert told in found[1]


def test_other_pages_of_the_browser_cannot_use_it(page: str, photo: bytes) -> None:
    assert asked(f"{page}/answers", photo, content_type="text/plain")[0] == 415
    assert asked(f"{page}/model", Host="elsewhere.example")[0] == 400


def test_it_asks_nothing_of_elsewhere(page: str) -> None:
    with urlopen(page) as answer:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        html = answer.read().decode()
    files = [html, *(asked(f"{page}/page.{kind}")[1].decode() for kind in ("js", "css"))]
    addresses = set(re.findall(r"https?://[^\"\s]+", "".join(files)))
    assert addresses == {"http://www.w3.org/2000/svg"}
    for path in ("docs", "openapi.json"):
        assert asked(f"{page}/{path}")[0] == 404


def test_an_upload_is_cut_off_at_the_size_that_an_image_may_have(
    model_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(Shown(load_model(model_run), str(model_run), []))
    monkeypatch.setattr("components.shared.images.limits.MOST_MEGABYTES", 1)
    taken: list[int] = []
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        taken.append(1)
        return {"type": "http.request", "body": b"?" * 400_000, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    headers = [(b"host", b"localhost"), (b"content-type", IMAGE["content-type"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/answers", "query_string": b""}
    asyncio.run(app({**scope, "headers": headers}, receive, send))
    assert sent[0]["status"] == 413
    assert b"it has more than 1 million bytes: scale it down" in sent[1]["body"]
    assert len(taken) == 3


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_in_a_browser_a_photo_is_named_and_stands_on_the_map(page: str, tmp_path: Path) -> None:
    labels = quote("whale shark, teapot")
    shown = subprocess.run(
        [
            *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *(f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000"),
            f"{page}/?example=0&labels={labels}",
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    ranking = shown.partition('<tbody id="ranking">')[2].partition("</tbody>")[0]
    assert ranking.count("<tr>") == 2
    assert "whale shark" in ranking
    assert "teapot" in ranking
    assert 'id="photo-on-map"' in shown
    # A label of this model is a script; it is text on the page.
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_who_asks_before_the_server_is_ready_waits() -> None:
    with listening(0) as place:
        socket.create_connection(place.getsockname(), timeout=5).close()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"Port {port} cannot be listened on .*--port"):
            listening(port)
