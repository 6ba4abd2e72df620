"""The MLflow server's address, and its password out of sight.

MLflow prints its address in many places, with a user and password that stand in it. They mean the
same in variables of their own.
"""

import os
import re
from collections.abc import MutableMapping
from urllib.parse import unquote, urlsplit, urlunsplit

URI = "MLFLOW_TRACKING_URI"
_USER, _PASSWORD = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"
_SECRET = re.compile(r"(://[^/\s:@]*:)[^/\s]+@")


def hide_credentials(environment: MutableMapping[str, str]) -> None:
    """Move user and password of a web server from its address to the variables for them."""
    parts = urlsplit(environment.get(URI, ""))
    if parts.scheme not in ("http", "https") or parts.username is None:
        return
    netloc = parts.netloc.rpartition("@")[2]
    environment[URI] = urlunsplit((parts.scheme, netloc, *parts[2:]))
    environment[_USER] = unquote(parts.username)
    environment[_PASSWORD] = unquote(parts.password or "")


def masked(text: str) -> str:
    """A text whose addresses, of servers and databases, show no password."""
    return _SECRET.sub(r"\1***@", text)


def shown_address() -> str:
    """The address for messages."""
    return masked(os.environ.get(URI, ""))
