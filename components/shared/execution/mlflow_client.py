"""The client of the MLflow server: patient where it is needed, and its failures as sentences.

MLflow is required when a run is opened and when its model is registered. Both begin with a check
that takes ten seconds at most; after it, a server that fails for two minutes is waited for.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

from components.shared.execution.mlflow_address import hide_credentials, shown_address

if TYPE_CHECKING:
    from mlflow import MlflowClient

T = TypeVar("T")

PATIENCE_SECONDS = 120.0
CHECK_SECONDS = 9.0
CHECK_TIMEOUT = "11"
"""Seconds: a server that takes ten for an answer is slow, and not silent."""
_FIRST_WAIT = 0.5
_PASSING = ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED")
_IS_THERE = "IntegrityError"
"""Of a row that a database has: MLflow asks again by itself where an answer was lost."""
_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED", "CUSTOMER_UNAUTHORIZED")
_UNKNOWN_USER = {"401": "401, unauthorised", "403": "403, forbidden"}
_ANSWERS_REFUSAL = tuple(f"it answers {status}" for status in _UNKNOWN_USER)
# As MLflow and requests write a status; an id may have the same digits.
_REFUSAL = re.compile(r"\berror code (401|403)\b|\b(401|403) Client Error")
_SETTINGS = {
    # MLflow's own retries, seven with growing waits, are four minutes of silence.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    # A line for each file of a model drowns what a stage says.
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_patience: ContextVar[float] = ContextVar("patience", default=PATIENCE_SECONDS)


def is_tracked() -> bool:
    """Whether the environment names an MLflow server."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI"))


def client() -> "MlflowClient":
    """Client for the server that MLFLOW_TRACKING_URI names; asks again what passes."""
    hide_credentials(os.environ)
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return cast("MlflowClient", _Patient(MlflowClient()))


class _Patient:
    """MLflow's client, each of whose calls is made again as long as it fails in ways that pass."""

    def __init__(self, plain: "MlflowClient") -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._plain, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: patiently(lambda: found(*args, **kwargs))


@contextmanager
def impatient() -> Iterator[None]:
    """Ask once: whoever does so asks again later by itself."""
    before = _patience.set(0.0)
    try:
        yield
    finally:
        _patience.reset(before)


def patiently(ask: Callable[[], T], seconds: float | None = None) -> T:
    """Ask MLflow, again while it fails in ways that pass, for so long.

    Args:
        ask: What is asked; does no harm where it is done twice.
        seconds: After which a failure is the answer; None: two minutes, or what `impatient` says.
    """
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    deadline = time.monotonic() + (_patience.get() if seconds is None else seconds)
    wait = _FIRST_WAIT
    while True:
        try:
            return ask()
        except (MlflowException, RequestException) as error:
            if not _passes(error) or time.monotonic() + wait > deadline:
                raise
        time.sleep(wait)
        wait = min(2 * wait, 10.0)


def _passes(error: Exception) -> bool:
    # Uploads raise what they meet with as it is.
    code = getattr(error, "error_code", _PASSING[0])
    return code in _PASSING or _IS_THERE in str(error)


def check_server(experiment: str = "") -> None:
    """Ask the server something, for ten seconds at most.

    Args:
        experiment: To which the run will belong; empty: that is known already.

    Raises:
        ValueError: It cannot be reached, does not answer, or refuses; the experiment was deleted,
            or there is no run of the id MLFLOW_RUN_ID.
    """
    if not is_tracked():
        return
    asked = client()
    short = {"MLFLOW_HTTP_REQUEST_TIMEOUT": CHECK_TIMEOUT, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    with as_sentences(), _environment(short), impatient():
        found = patiently(
            lambda: asked.get_experiment_by_name(experiment or "Default"), CHECK_SECONDS
        )
        if found and experiment and found.lifecycle_stage == "deleted":
            raise ValueError(
                f"mlflow_experiment: {experiment!r} was deleted in MLflow: restore it (mlflow "
                f"experiments restore --experiment-id {found.experiment_id}), or name another."
            )
        injected = os.environ.get("MLFLOW_RUN_ID")
        if injected:
            patiently(lambda: asked.get_run(injected), CHECK_SECONDS)


@contextmanager
def as_sentences() -> Iterator[None]:
    """Turn what MLflow raises into one sentence.

    Raises:
        ValueError: MLflow raised something.
    """
    if not is_tracked():
        yield
        return
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    try:
        yield
    except (MlflowException, RequestException) as error:
        raise ValueError(_sentence(error)) from error


def reason(error: Exception) -> str:
    """What is wrong with the server, in a few words without its address."""
    text = str(error)
    for sign, words in (
        ("Read timed out", "it does not answer"),
        ("timeout", "it does not answer"),
        ("Connection refused", "nothing listens there"),
        ("Name or service not known", "there is no such host"),
        ("Failed to resolve", "there is no such host"),
        ("Connection aborted", "it breaks off"),
        ("too many", "it answers with errors"),
    ):
        if sign in text:
            return words
    if found := _REFUSAL.search(text):
        return f"it answers {_UNKNOWN_USER[found[1] or found[2]]}"
    first = text.splitlines()[0] if text else type(error).__name__
    return first.removesuffix(".")[:200]


def _sentence(error: Any) -> str:
    place = f"MLflow at {shown_address()}"
    why = reason(error) if not _says_nothing(error) else f"it answers {_status()}"
    run_id = os.environ.get("MLFLOW_RUN_ID", "")
    code = getattr(error, "error_code", "")
    if code == "RESOURCE_DOES_NOT_EXIST" and run_id and run_id in str(error):
        return f"{place} has no run {run_id}, which MLFLOW_RUN_ID names: unset it, or correct it."
    if code in _REFUSED or why.startswith(_ANSWERS_REFUSAL):
        return (
            f"{place}: {why}: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
            "MLFLOW_TRACKING_TOKEN."
        )
    return f"{place}: {why}: start it, or correct MLFLOW_TRACKING_URI; then give the command again."


def _says_nothing(error: Exception) -> bool:
    """Whether the server's answer had no reason, so that MLflow passes not even its status on."""
    return str(error).startswith("INTERNAL_ERROR: Response: {")


def _status() -> int:
    """What the server answers to a plain question."""
    from mlflow.utils import credentials, rest_utils

    # They have no types.
    host = cast(Any, credentials).get_default_host_creds(os.environ["MLFLOW_TRACKING_URI"])
    question = "/api/2.0/mlflow/experiments/search?max_results=1"
    once = {"max_retries": 0, "retry_codes": (), "raise_on_status": False, "timeout": 5}
    return int(cast(Any, rest_utils).http_request(host, question, "GET", **once).status_code)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
