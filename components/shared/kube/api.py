"""The cluster's own API, where a kubeconfig is here or this is a pod: pods, nodes, quotas, jobs.

Everything here may be missing: who submits through Kubeflow often has no rights on the cluster.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client import ApiClient, ApiException
from kubernetes.config import ConfigException

SECONDS = 10
"""For an answer."""
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""What a pod is given to ask its cluster with."""


class Unreadable(ValueError):
    """What was asked for may not be read or done here, or nobody answers.

    Attributes:
        status: HTTP's, of the answer; 0: there was none.
        said: The cluster's own words, empty where it has none.
    """

    def __init__(self, message: str, status: int = 0, said: str = "") -> None:
        super().__init__(message)
        self.status, self.said = status, said


@dataclass(frozen=True)
class Cluster:
    """A cluster that may be asked, and is closed after the last question.

    Attributes:
        api: Its client.
    """

    api: ApiClient

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """What the API has at a path, as JSON.

        Args:
            path: Such as `/api/v1/nodes`.
            query: Such as `labelSelector`.

        Raises:
            Unreadable: We may not read it, it is not there, or nobody answers.
        """
        return dict(self._asked(path, query, "object"))

    def text(self, path: str, **query: str) -> str:
        """What the API has at a path, as it is.

        Raises:
            Unreadable: As for `get`.
        """
        return str(self._asked(path, query, "str"))

    def items(self, path: str, **query: str) -> Sequence[dict[str, Any]]:
        """The items of a list.

        Raises:
            Unreadable: As for `get`.
        """
        return list(self.get(path, **query)["items"])

    def create(self, path: str, body: Mapping[str, Any]) -> None:
        """Make an object of the list at a path.

        Raises:
            Unreadable: We may not, the cluster refuses it, or nobody answers.
        """
        self._asked(path, {}, "object", "POST", body)

    def delete(self, path: str) -> None:
        """Remove the object at a path; what came of it follows.

        Not the other way round: a controller may make anew what is gone of an object that is there.

        Raises:
            Unreadable: As for `create`, and where it is not there.
        """
        self._asked(path, {"propagationPolicy": "Background"}, "object", "DELETE")

    def close(self) -> None:
        """End the connections that are kept for a next question."""
        # The client's own `close` ends its threads alone, and its last answer keeps its pool.
        pools = self.api.rest_client.pool_manager.pools
        for key in pools.keys():  # noqa: SIM118  # It is no mapping that can be gone through.
            pools[key].close()
        pools.clear()

    def _asked(
        self,
        path: str,
        query: Mapping[str, str],
        kind: str,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return self.api.call_api(
                path, method, query_params=list(query.items()), response_type=kind, body=body,
                header_params={"Content-Type": "application/json"} if body else {},
                auth_settings=["BearerToken"], _return_http_data_only=True,
                _request_timeout=SECONDS,
            )  # fmt: skip
        except ApiException as error:
            reason = f"{error.status} {error.reason}" if error.status else "no answer"
            sentence = f"the cluster says {reason} to {path}"
            raise Unreadable(sentence, error.status or 0, _words(error.body)) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreadable(f"{self.api.configuration.host} does not answer") from error


def _words(body: str | bytes | None) -> str:
    """What an answer that is an error says in its own words."""
    try:
        answer = json.loads(body or "")
    except ValueError:
        return ""
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""


def reach(retries: urllib3.Retry | None = None) -> Cluster:
    """The cluster that this pod is in, or that the kubeconfig (KUBECONFIG) names.

    Args:
        retries: How a question without an answer is asked again; None: it is not.

    Raises:
        Unreadable: There is neither.
    """
    settings = client.Configuration()
    settings.retries = retries or False
    try:
        if "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=settings)
        else:
            config.load_kube_config(os.environ.get("KUBECONFIG"), client_configuration=settings)
    except ConfigException as error:
        raise Unreadable("there is no kubeconfig here") from error
    return Cluster(ApiClient(settings))


def namespace() -> str:
    """The namespace that this pod is in."""
    return (ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
