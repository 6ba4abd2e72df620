"""Options of the commands that speak to Kubeflow, and the connection that they ask for."""

from types import SimpleNamespace
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import together

if TYPE_CHECKING:
    from pipeline.cluster.connection import Kubeflow

takes_connection = together(
    click.option(
        "--host",
        default="",
        help="Of Kubeflow Pipelines; empty: KF_PIPELINES_ENDPOINT of the environment, or that of "
        "this cluster. Where it wants to know who we are, the environment has a token in KFP_TOKEN "
        "or a browser's cookies in KFP_COOKIES.",
    ),
    click.option("--namespace", default="kubeflow", help="Of the runs; your profile's."),
    click.option(
        "--ssl-ca-cert",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="Certificates that the host's is checked with.",
    ),
)
takes_run_place = together(
    click.option("--experiment", default="devise", help="Of Kubeflow Pipelines."),
    click.option(
        "--service-account", default="", help="That the pods run as; empty: the namespace's own."
    ),
)


def connected(options: SimpleNamespace) -> "Kubeflow":
    """The Kubeflow that the options name.

    Raises:
        ValueError: It does not answer, or refuses.
    """
    from pipeline.cluster.connection import connect

    return connect(options.host, options.namespace, options.ssl_ca_cert or "")
