"""The command that lists, pauses, resumes and removes schedules."""

from types import SimpleNamespace
from typing import Any

import click

from pipeline.commands.kubeflow_options import connected, takes_connection
from pipeline.commands.options import examples

ACTIONS = {"pause": "paused", "resume": "resumed", "remove": "removed"}


@click.command(
    epilog=examples(
        "python pipeline.py schedules --host https://kubeflow.example --namespace vision",
        "python pipeline.py schedules pause paper --host https://kubeflow.example",
    )
)
@click.argument("action", required=False, type=click.Choice(list(ACTIONS)))
@click.argument("name", required=False, metavar="[NAME]")
@takes_connection
def schedules(action: str | None, name: str | None, **given: Any) -> None:
    """List a namespace's schedules; or pause, resume or remove the one of a name.

    Runs that were started, and the schedule's pipeline, stay.
    """
    from pipeline.cluster import schedules as kubeflow_schedules

    if action and not name:
        raise click.UsageError(
            f"{action} which schedule? Give its name.", click.get_current_context()
        )
    kubeflow = connected(SimpleNamespace(**given))
    if action:
        getattr(kubeflow_schedules, action)(kubeflow, name)
        print(f"Schedule {name} is {ACTIONS[action]}.")
    else:
        print(kubeflow_schedules.table(kubeflow))
