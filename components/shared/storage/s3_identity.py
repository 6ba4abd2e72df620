"""Who this process is to an S3 store, by the environment as every S3 tool reads it.

Keys (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`), with `AWS_SESSION_TOKEN` where they hold for a
time only; without keys the role that a cloud ties to a pod's service account (IRSA and EKS Pod
Identity set the variables of it) and whose keys are fetched and renewed.
"""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minio.credentials.providers import Provider

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE"
ROLES = (
    WEB_IDENTITY,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)


@dataclass(frozen=True)
class Identity:
    """Keys, or a role.

    Attributes:
        access_key: Empty for a role.
        secret_key: Empty for a role.
        session_token: Empty for lasting keys.
        role: Where the role's keys are had, a file or an address; empty for keys.
    """

    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    role: str = ""


def missing() -> list[str]:
    """Names of the variables without which the environment names nobody."""
    return [] if _role() else [name for name in KEYS if not os.environ.get(name)]


def identity() -> Identity:
    """The one that the environment names; keys go before a role."""
    access_key, secret_key = (os.environ.get(name, "") for name in KEYS)
    if access_key and secret_key:
        return Identity(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN", ""))
    return Identity(role=_role())


def provider(who: Identity) -> "Provider":
    """What gives minio the keys, anew each time they run out."""
    from minio.credentials.providers import IamAwsProvider, StaticProvider

    if not who.role:
        return StaticProvider(who.access_key, who.secret_key, who.session_token or None)
    own_sts = os.environ.get("AWS_ENDPOINT_URL_STS") if os.environ.get(WEB_IDENTITY) else None
    return IamAwsProvider(custom_endpoint=own_sts)


def _role() -> str:
    return next((os.environ[name] for name in ROLES if os.environ.get(name)), "")
