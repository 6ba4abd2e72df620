"""The page's server: bound to this machine, for one person, with nothing from elsewhere.

Other pages that are open in the browser can neither call it (they may not send this kind of content
without being allowed) nor read it under a name of their own (the Host header is checked).
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import FileResponse, JSONResponse, Response

from components.shared.images.limits import BadImage, check_bytes
from components.shared.ranking.labeller import Candidates, Labeller, label_vectors
from pipeline.demo.label_map import LabelMap, label_map
from pipeline.results.example_images import ExampleImage
from pipeline.results.next_command import labels_of_that_world, words_of
from pipeline.results.prediction import Asked, answers, as_json

HERE = Path(__file__).parent
HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
TOP, WORDS = 10, 12
SUGGESTED_OF_EACH_ROLE = 3
MOST_CHARACTERS = 8_000
"""Of the labels, all together: they are sent within the address."""
LABEL_ENDS = re.compile(r"[,;\n]")
IMAGE_CONTENT = "application/octet-stream"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Shown:
    """What the page shows.

    Attributes:
        model: What labels the photos.
        address: Of the model, as it was named.
        examples: Photos for who has none at hand.
        making: Held while the map is made.
    """

    model: Labeller
    address: str
    examples: Sequence[ExampleImage]

    making: Lock = field(default_factory=Lock)

    @property
    def map(self) -> LabelMap:
        """The map of the labels, made when it is first asked for."""
        with self.making:
            return self._map

    @cached_property
    def _map(self) -> LabelMap:
        return label_map(self.model)


def application(shown: Shown) -> FastAPI:
    """The page and what it asks for; errors that a person can mend are 4xx with a sentence."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(NAMES))
    app.middleware("http")(_with_headers)
    app.add_exception_handler(ValueError, _refused)
    _add_files(app)
    _add_model(app, shown)
    _add_answers(app, shown)
    return app


async def _with_headers(request: Request, following: Callable[..., Any]) -> Response:
    response: Response = await following(request)
    response.headers.update(HEADERS)
    return response


def _refused(_request: Request, error: Exception) -> JSONResponse:
    status = 413 if isinstance(error, BadImage) else 400
    return JSONResponse({"error": str(error)}, status)


def _add_files(app: FastAPI) -> None:
    for path, file in (("/", "page.html"), ("/page.css", "page.css"), ("/page.js", "page.js")):
        app.add_api_route(path, lambda file=file: FileResponse(HERE / file))


def _add_model(app: FastAPI, shown: Shown) -> None:
    @app.get("/model")
    def model() -> dict[str, Any]:
        return _about(shown)

    @app.get("/map")
    def labels_of_the_map() -> dict[str, Any]:
        return _map(shown)

    @app.get("/examples/{number}")
    def example(number: int) -> Response:
        if not 0 <= number < len(shown.examples):
            return Response(status_code=404)
        return Response(shown.examples[number].read(), media_type="image/jpeg")


def _about(shown: Shown) -> dict[str, Any]:
    model = shown.model
    return {
        "model": shown.address,
        "labels": {name: len(terms.wnids) for name, terms in model.candidates.items()},
        "words": len(model.words.words),
        "examples": [
            {"label": model.terms[image.wnid][0], "seen": image.seen} for image in shown.examples
        ],
        "suggested": words_of(labels_of_that_world(model.space.labels, SUGGESTED_OF_EACH_ROLE)),
    }


def _map(shown: Shown) -> dict[str, Any]:
    drawn, model = shown.map, shown.model
    places = drawn.places.astype(float).round(4).tolist()
    labels = [
        {"label": model.terms[wnid][0], "wnid": wnid, "seen": wnid in model.seen, "place": place}
        for wnid, place in zip(drawn.wnids, places, strict=True)
    ]
    return {"labels": labels, "of": drawn.of}


def _add_answers(app: FastAPI, shown: Shown) -> None:
    @app.post("/answers")
    async def answer(
        request: Request,
        labels: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",
        candidates: Candidates = "all",
    ) -> Response:
        if request.headers.get("content-type") != IMAGE_CONTENT:
            sentence = f"Send the image's bytes as {IMAGE_CONTENT}."
            return JSONResponse({"error": sentence}, 415)
        image = await _body(request)
        own = tuple(filter(None, (label.strip() for label in LABEL_ENDS.split(labels))))
        asked = Asked(own, candidates, TOP, WORDS)
        return JSONResponse(await run_in_threadpool(_answered, shown, image, asked))


async def _body(request: Request) -> bytes:
    """What is sent, up to the size that an image may have."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        check_bytes(size)
        parts.append(part)
    return b"".join(parts)


def _answered(shown: Shown, image: bytes, asked: Asked) -> dict[str, Any]:
    (found,) = answers([image], shown.model, asked)
    if found.point is None:
        raise ValueError(found.error)
    return {**as_json(found, shown.model), **_places(shown, found.point, asked)}


def _places(shown: Shown, point: np.ndarray, asked: Asked) -> dict[str, Any]:
    """Where the photo and the words that were given stand on the map."""
    own = next(iter(shown.map.place(point[None])), None)
    vectors = label_vectors(asked.labels, shown.model.words) if asked.labels else point[:0]
    places = shown.map.place(vectors) if asked.labels else []
    words = [
        {"label": label, "place": place} for label, place in zip(asked.labels, places, strict=False)
    ]
    return {"place": own, "given": words}


def listening(port: int) -> socket.socket:
    """A socket on this machine's own address, which no other machine reaches.

    Args:
        port: 0: whichever is free.

    Raises:
        ValueError: Something else listens there.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        # From now on who asks waits for the server, and is not refused.
        found.listen()
    except OSError as error:
        found.close()
        raise ValueError(
            f"Port {port} cannot be listened on ({error.strerror}): give another by --port."
        ) from error
    return found


def serve(shown: Shown, place: socket.socket) -> None:
    """Serve the page until Ctrl-C."""
    config = uvicorn.Config(application(shown), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[place])
