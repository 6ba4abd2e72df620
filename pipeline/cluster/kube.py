"""The cluster's own API, read where a kubeconfig is here or this is a pod: pods, nodes, quotas.

Everything here may be missing: who submits through Kubeflow often has no rights on the cluster.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client import ApiClient, ApiException
from kubernetes.config import ConfigException

SECONDS = 10
"""For an answer."""


class Unreadable(ValueError):
    """What was asked for may not be read here, or nobody answers."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that may be asked.

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

    def _asked(self, path: str, query: Mapping[str, str], kind: str) -> Any:
        try:
            return self.api.call_api(
                path, "GET", query_params=list(query.items()), response_type=kind,
                auth_settings=["BearerToken"], _return_http_data_only=True,
                _request_timeout=SECONDS,
            )  # fmt: skip
        except ApiException as error:
            reason = f"{error.status} {error.reason}" if error.status else "no answer"
            raise Unreadable(f"the cluster says {reason} to {path}") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreadable(f"{self.api.configuration.host} does not answer") from error


def reach() -> Cluster:
    """The cluster that this pod is in, or that the kubeconfig (KUBECONFIG) names.

    Raises:
        Unreadable: There is neither.
    """
    settings = client.Configuration()
    settings.retries = False
    try:
        if "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=settings)
        else:
            config.load_kube_config(os.environ.get("KUBECONFIG"), client_configuration=settings)
    except ConfigException as error:
        raise Unreadable("there is no kubeconfig here") from error
    return Cluster(ApiClient(settings))
