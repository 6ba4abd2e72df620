"""The commands for a Kubeflow cluster: compile, submit, schedule."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from components.shared.settings.parameter import Value
from components.shared.settings.presets import arguments_of, parse_setting, values_of
from components.shared.settings.together import check_all
from pipeline.commands.cluster_options import cluster_of, takes_cluster
from pipeline.commands.kubeflow_options import connected, takes_connection, takes_run_place
from pipeline.commands.options import examples, takes_image_names, takes_values
from pipeline.commands.status import follow_to_its_end

if TYPE_CHECKING:
    from pipeline.cluster.connection import Kubeflow


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
@click.option("--wait", is_flag=True, help="Follow the run in the terminal, to its end.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Send nothing: show what would run, and look whether data and room are there.",
)
@click.option(
    "--upload-data",
    default="",
    metavar="S3_PREFIX",
    help="Put local files that the parameters name there first, such as s3://bucket/prefix; the "
    "environment says where (AWS_ENDPOINT_URL) and with what right.",
)
@takes_connection
@takes_run_place
@takes_values
@takes_image_names
@takes_cluster
def submit(**given: Any) -> None:
    """Start a run on a cluster."""
    options = SimpleNamespace(**given)
    values = _values(options, options.upload_data)
    with _compiled(options) as file:
        if options.dry_run:
            _give_second_opinion(options, file, values)
            return
        kubeflow = connected(options)
        run_id = _started(options, kubeflow, file, values)
    if options.wait:
        follow_to_its_end(kubeflow, run_id, options)


@click.command(
    epilog=examples(
        "python pipeline.py schedule --preset paper --registry ghcr.io/team \\",
        "    --cron '0 0 3 * * 0' --host https://kubeflow.example",
    )
)
@click.option("--cron", required=True, help="Six fields, seconds first.")
@click.option("--name", default="", help="Of the schedule.", show_default="the preset's")
@click.option(
    "--update",
    is_flag=True,
    help="Move the schedule of that name to these images, values and times.",
)
@takes_connection
@takes_run_place
@takes_values
@takes_image_names
@takes_cluster
def schedule(**given: Any) -> None:
    """Retrain again and again on a cluster, with every value as it is now."""
    from pipeline.cluster import schedules
    from pipeline.cluster.controller import retry_warning

    options = SimpleNamespace(**{**given, "name": given["name"] or given["preset"]})
    schedules.check_cron(options.cron)
    values = _values(options)
    if values["run_name"] == options.preset:
        values["run_name"] = options.name
    wanted = schedules.Wanted(
        options.name,
        options.cron,
        schedules.arguments(options.preset, values),
        options.experiment,
        options.service_account,
    )
    kubeflow = connected(options)
    with _compiled(options) as file:
        if options.update:
            earlier, made = schedules.update(kubeflow, file, wanted)
            changed = schedules.differences(earlier.parameters, made.parameters)
            print("\n".join(changed) or "No value differs.")
        else:
            made = schedules.create(kubeflow, file, wanted)
    print(f"Schedule {made.name} ({made.recurring_run_id}) runs the pipeline devise-{made.name}.")
    if warning := retry_warning():
        print(warning)


def _write(options: SimpleNamespace, file: Path, defaults: dict[str, Any]) -> None:
    from pipeline.cluster.compilation import write_pipeline

    write_pipeline(defaults, cluster_of(options), file)


def _values(options: SimpleNamespace, data_prefix: str = "") -> dict[str, Value]:
    """Every value, checked, with no address that a cluster could not reach."""
    from pipeline.cluster.local_data import refuse_local, uploaded_values

    values = values_of(options.preset, options.set)
    if data_prefix:
        values = uploaded_values(values, data_prefix)
    check_all(values)
    refuse_local(values)
    return values


@contextmanager
def _compiled(options: SimpleNamespace) -> Iterator[Path]:
    from pipeline.form import default_values

    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "pipeline.yaml"
        _write(options, file, default_values(options.preset))
        yield file


def _started(
    options: SimpleNamespace, kubeflow: "Kubeflow", file: Path, values: dict[str, Value]
) -> str:
    from pipeline.cluster.client import Wanted, submit
    from pipeline.cluster.controller import retry_warning
    from pipeline.cluster.local_data import upload_data

    if options.upload_data:
        upload_data(values_of(options.preset, options.set), options.upload_data, print)
    arguments = arguments_of(options.preset, values)
    wanted = Wanted(options.run_name, arguments, options.experiment, options.service_account)
    run_id = submit(kubeflow, file, wanted)
    print(f"Run {run_id} is started: {kubeflow.page(run_id)}")
    if warning := retry_warning():
        print(warning)
    return run_id


def _give_second_opinion(options: SimpleNamespace, file: Path, values: dict[str, Value]) -> None:
    from pipeline.cluster.asked import table, tasks_of
    from pipeline.cluster.second_opinion import of_addresses, of_room, of_uploads

    tasks = tasks_of(file, values)
    print(table(tasks))
    opinion = of_uploads(values_of(options.preset, options.set))
    opinion += of_addresses(values, options.upload_data)
    opinion += of_room(tasks, options.namespace)
    print("\n".join(["", *opinion.notes, *(f"Problem: {one}" for one in opinion.problems)]))
    print("Nothing was sent.")
    if opinion.problems:
        raise click.exceptions.Exit(1)
