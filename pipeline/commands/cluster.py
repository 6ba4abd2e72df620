"""The commands for a Kubeflow cluster: compile, submit, schedule."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from components.shared.settings.presets import arguments_of, parse_setting, values_of
from components.shared.settings.together import check_all
from pipeline.commands.cluster_options import cluster_of, takes_cluster
from pipeline.commands.options import examples, takes_image_names, takes_values, together

if TYPE_CHECKING:
    from kfp import Client


_takes_kubeflow = together(
    click.option("--host", default="", help="Of Kubeflow Pipelines; empty: that of this cluster."),
    click.option("--namespace", default="kubeflow", help="In which runs are started."),
    click.option("--experiment", default="devise", help="Of Kubeflow Pipelines."),
)


@click.command(
    epilog=examples(
        "python pipeline.py compile --preset paper --registry ghcr.io/team \\",
        "    --output pipeline.yaml",
    )
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default="pipeline.yaml",
    metavar="FILE",
    help="The file to write.",
)
@takes_values
@takes_image_names
@takes_cluster
def compile(**given: Any) -> None:
    """Write the YAML that Kubeflow takes."""
    from pipeline.form import form_values

    options = SimpleNamespace(**given)
    values = values_of(options.preset, options.set)
    named = {name for name, _ in map(parse_setting, options.set)}
    _write(options, options.output, form_values(options.preset, values, named))
    print(f"{options.output} is written: upload it in the Kubeflow UI, or use submit.")


@click.command(
    epilog=examples(
        "python pipeline.py submit --preset quickstart --registry ghcr.io/team --size small \\",
        "    --host https://kubeflow.example --namespace vision",
    )
)
@click.option("--run-name", default="devise", help="Of the run in Kubeflow.")
@_takes_kubeflow
@takes_values
@takes_image_names
@takes_cluster
def submit(**given: Any) -> None:
    """Start a run on a cluster."""
    from pipeline.cluster import client as kubeflow

    options = SimpleNamespace(**given)
    with _cluster(options) as (client, file, values):
        run_id = kubeflow.submit(client, file, values, options.experiment, options.run_name)
    print(f"Run {run_id} is started.")


@click.command(
    epilog=examples(
        "python pipeline.py schedule --preset paper --registry ghcr.io/team \\",
        "    --cron '0 0 3 * * 0' --host https://kubeflow.example",
    )
)
@click.option("--cron", required=True, help="Six fields, seconds first.")
@_takes_kubeflow
@takes_values
@takes_image_names
@takes_cluster
def schedule(**given: Any) -> None:
    """Retrain again and again on a cluster."""
    from pipeline.cluster import client as kubeflow

    options = SimpleNamespace(**given)
    kubeflow.check_cron(options.cron)
    with _cluster(options) as (client, file, values):
        schedule_id = kubeflow.schedule(client, file, values, options.experiment, options.cron)
    print(f"Schedule {schedule_id} runs the latest version of the pipeline.")


def _write(options: SimpleNamespace, file: Path, defaults: dict[str, Any]) -> None:
    from pipeline.cluster.compilation import write_pipeline

    write_pipeline(defaults, cluster_of(options), file)


@contextmanager
def _cluster(options: SimpleNamespace) -> Iterator[tuple["Client", Path, dict[str, Any]]]:
    """A connected client, the compiled pipeline, and the arguments of a run of it."""
    from pipeline.cluster.client import connect
    from pipeline.form import default_values

    values = values_of(options.preset, options.set)
    check_all(values)
    arguments = arguments_of(options.preset, values)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "pipeline.yaml"
        _write(options, file, default_values(options.preset))
        yield connect(options.host, options.namespace), file, arguments
