"""The connection to Kubeflow Pipelines: where it is, who we are, and refusals as sentences."""

import json
import os
import urllib.request
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kfp
import urllib3
from kfp.client.set_volume_credentials import ServiceAccountTokenVolumeCredentials
from kfp_server_api import ApiException

SYSTEM_NAMESPACE = "kubeflow"
"""Where Kubeflow Pipelines itself runs; a single user's runs too."""

TOKEN, COOKIES, ENDPOINT = "KFP_TOKEN", "KFP_COOKIES", "KF_PIPELINES_ENDPOINT"

IN_POD = "http://ml-pipeline.kubeflow.svc.cluster.local:8888"
POD_TOKEN = Path("/var/run/secrets/kubeflow/pipelines/token")
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SECONDS = (5, 60)
"""Wait so long for a connection, and for an answer."""


class Unreachable(ValueError):
    """Nobody answers, or a gateway does in Kubeflow's place; it may pass."""


class Absent(ValueError):
    """What was asked for is not there."""


@dataclass(frozen=True)
class Kubeflow:
    """A Kubeflow Pipelines that answers.

    Attributes:
        client: Of kfp; what it raises is worded by `refusal`.
        host: Its address.
        namespace: That of the runs, as it was given.
        multi_user: Whether runs, pipelines and schedules belong to namespaces, which are profiles.
    """

    client: kfp.Client
    host: str
    namespace: str
    multi_user: bool

    @property
    def scope(self) -> str | None:
        """The namespace as requests name it; None where there is only one."""
        return self.namespace if self.multi_user else None

    @property
    def run_namespace(self) -> str:
        """Where the pods of its runs are."""
        return self.namespace if self.multi_user else SYSTEM_NAMESPACE

    def page(self, run_id: str) -> str:
        """Address of a run's page."""
        return f"{self.host}/#/runs/details/{run_id}"


def connect(host: str, namespace: str, ca_file: str = "") -> Kubeflow:
    """Connect to a Kubeflow Pipelines address.

    Outside a cluster KFP_TOKEN or KFP_COOKIES may hold the session; in a pod its projected token
    is taken.

    Args:
        host: Address; empty: KF_PIPELINES_ENDPOINT, in a pod that of its cluster, otherwise what
            the kubeconfig leads to.
        namespace: Of the runs.
        ca_file: Certificates to trust in place of the well-known ones.

    Raises:
        ValueError: Nobody answers there, or we are refused.
    """
    address = host or os.environ.get(ENDPOINT, "") or (IN_POD if SERVICE_ACCOUNT.is_dir() else "")
    address = address if not address or "://" in address else f"https://{address}"
    client = _client(address, ca_file)
    address = client._existing_config.host
    _guard(client, address, namespace)
    multi_user = _is_multi_user(client)
    client._context_setting = {**client._context_setting, "namespace": namespace * multi_user}
    return Kubeflow(client, address, namespace, multi_user)


def _client(address: str, ca_file: str) -> kfp.Client:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This client only works with", FutureWarning)
        # Any namespace but `kubeflow` keeps kfp from asking for its health on its own, which would
        # take minutes where nobody answers; without an address it is part of the kubeconfig's way.
        return kfp.Client(
            host=address or None,
            namespace="unset" if address else SYSTEM_NAMESPACE,
            existing_token=os.environ.get(TOKEN),
            cookies=os.environ.get(COOKIES),
            credentials=_pod_credentials(),
            ssl_ca_cert=ca_file or None,
            proxy=_proxy(address),
        )


def refusal(error: ApiException, host: str, namespace: str) -> ValueError:
    """A refusal of Kubeflow's API as a sentence that says what to do."""
    if 300 <= int(error.status or 0) < 400:
        return _login(host)
    if error.status == 401:
        return ValueError(
            f"{host} does not know us (401): put a token in {TOKEN}, or the cookies of a browser "
            f"that is logged in there in {COOKIES}, and try again."
        )
    if error.status == 403:
        return ValueError(
            f"{host} forbids this in namespace {namespace!r} (403): give --namespace a profile "
            "that is yours, or have its owner add you as a contributor."
        )
    if error.status == 404:
        return Absent(f"{host} has not what was asked for (404): {_said(error)}")
    kind = Unreachable if error.status in (502, 503, 504) else ValueError
    return kind(f"{host} refuses (namespace {namespace!r}, {error.status}): {_said(error)}")


def _guard(client: kfp.Client, host: str, namespace: str) -> None:
    """Give every request of the client a time limit, and a sentence where it fails."""
    rest = client._run_api.api_client.rest_client
    rest.pool_manager.connection_pool_kw["retries"] = urllib3.Retry(
        connect=1, read=0, other=0, redirect=0, raise_on_redirect=False
    )
    asked = rest.request

    def request(method: str, url: str, **options: Any) -> Any:
        try:
            return asked(method, url, **{**options, "_request_timeout": SECONDS})
        except ApiException as error:
            raise refusal(error, host, namespace) from error
        except urllib3.exceptions.HTTPError as error:
            raise _unanswered(error, host) from error

    rest.request = request


def _is_multi_user(client: kfp.Client) -> bool:
    api = client._run_api.api_client
    try:
        health = api.call_api(
            "/apis/v2beta1/healthz", "GET",
            response_type="object", auth_settings=["Bearer"], _return_http_data_only=True,
        )  # fmt: skip
    except Absent as error:
        raise Absent(
            f"{api.configuration.host} has no Kubeflow Pipelines API (404): check --host; behind "
            "Kubeflow's gateway the address ends in /pipeline."
        ) from error
    if not isinstance(health, dict):
        raise _login(api.configuration.host)
    return bool(health.get("multi_user"))


def _pod_credentials() -> Any:
    return ServiceAccountTokenVolumeCredentials() if POD_TOKEN.exists() else None


def _proxy(address: str) -> str | None:
    parts = urlsplit(address)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _said(error: ApiException) -> str:
    """What the API says of an error: its message, which may hold the whole way it took."""
    text = error.body.decode() if isinstance(error.body, bytes) else str(error.body or "")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    message = answer.get("message") or answer.get("error_message") or "" if answer else ""
    return str(message or error.reason or "no reason given").strip().splitlines()[0]


def _login(host: str) -> ValueError:
    return ValueError(
        f"{host} answers with a page, not with Kubeflow Pipelines' API, as a login does: put a "
        f"token in {TOKEN}, or the cookies of a browser that is logged in there in {COOKIES}."
    )


def _unanswered(error: urllib3.exceptions.HTTPError, host: str) -> ValueError:
    cause = getattr(error, "reason", None) or error
    if "CERTIFICATE_VERIFY_FAILED" in str(cause):
        return ValueError(
            f"{host} shows a certificate that is not trusted: name the file of its authority with "
            "--ssl-ca-cert."
        )
    return Unreachable(
        f"{host} does not answer ({_short(cause)}): check --host, and that this machine can reach "
        "it (a VPN, a port-forward, a proxy)."
    )


def _short(cause: object) -> str:
    """The end of urllib3's messages, which begin with the connection as Python shows it."""
    return str(cause).rsplit("): ", 1)[-1].rsplit("object at", 1)[-1].split(": ", 1)[-1].rstrip(")")
