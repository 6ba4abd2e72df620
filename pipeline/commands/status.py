"""The command that says how a run on a cluster stands."""

from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.kubeflow_options import connected, takes_connection
from pipeline.commands.options import examples

if TYPE_CHECKING:
    from pipeline.cluster.connection import Kubeflow


@click.command(
    epilog=examples(
        "python pipeline.py status 1f3e9ab0-6d52-44a1-9d6c-2b1b0c7c1a55 \\",
        "    --host https://kubeflow.example --namespace vision",
    )
)
@click.argument("run_id", metavar="RUN_ID")
@click.option("--wait", is_flag=True, help="Follow it to its end.")
@takes_connection
def status(run_id: str, wait: bool, **given: Any) -> None:
    """Say how a run on a cluster stands: its stages, and why one waits.

    Ends with 1 where it has failed.
    """
    from pipeline.cluster.following import Follower
    from pipeline.cluster.tasks import ENDED, SUCCEEDED

    options = SimpleNamespace(**given)
    kubeflow = connected(options)
    if wait:
        follow_to_its_end(kubeflow, run_id, options)
    else:
        with closing(Follower(kubeflow, run_id, print)) as follower:
            state = follower.look()
        if state in ENDED and state != SUCCEEDED:
            raise click.exceptions.Exit(1)


def follow_to_its_end(kubeflow: "Kubeflow", run_id: str, options: SimpleNamespace) -> None:
    """Follow a run, and end the command as the run ends: 0 where it succeeded, 1 otherwise.

    Ctrl-C ends the command alone.
    """
    from pipeline.cluster.following import Follower, follow

    try:
        with closing(Follower(kubeflow, run_id, print)) as follower:
            succeeded = follow(follower)
    except KeyboardInterrupt as error:
        host = f" --host {options.host}" if options.host else ""
        print(
            f"\nThe run goes on. Look again: python pipeline.py status {run_id}{host} "
            f"--namespace {options.namespace} --wait"
        )
        raise click.exceptions.Exit(130) from error
    if not succeeded:
        raise click.exceptions.Exit(1)
