"""The command line."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.shared.settings.parameter import Value
from components.shared.settings.presets import PRESETS, arguments_of, parse_setting, values_of
from components.shared.settings.table import GROUPS, PARAMETERS
from components.shared.settings.together import check_all

if TYPE_CHECKING:
    from kfp import Client

    from pipeline.local.docker import Runner

EXAMPLES = """
examples:
  python pipeline.py data
  python pipeline.py data quickstart
  python pipeline.py data tiny-imagenet --output data/tiny-imagenet
  python pipeline.py run --preset quickstart --output runs/quickstart
  python pipeline.py run --preset tiny_imagenet --output runs/tiny \\
      --set taxonomy_uri=/data/taxonomy --set images_uri=/data/tiny-imagenet \\
      --set 'corpus_uris=["/data/wikipedia/AA", "/data/wikipedia/AB"]'
  python pipeline.py run --preset tiny_imagenet --seeds 0,1,2 --output runs/tiny ...
  python pipeline.py predict photo.jpg --model runs/quickstart --labels "tiger shark,teapot"
  python pipeline.py compare --experiment devise
  python pipeline.py results runs/tiny
  python pipeline.py compile --preset paper --registry ghcr.io/team --tag 1.0 --output pipeline.yaml
  python pipeline.py submit --preset paper --host https://kubeflow.example --namespace vision
  python pipeline.py schedule --preset paper --cron '0 0 3 * * 0' --host https://kubeflow.example
  python pipeline.py images --registry ghcr.io/team --tag 1.0 --push
  python pipeline.py parameters
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and do what it says.

    Returns:
        0 where all went well, 1 where a stage failed, 2 for a wrong parameter or path.
    """
    from pipeline.local.runner import RunFailed

    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except RunFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pipeline.py",
        description="DeViSE as a Kubeflow pipeline: one graph, here, in containers, on a cluster.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_predict(commands)
    _add_compare(commands)
    _add_results(commands)
    _add_cluster_commands(commands)
    _add_images(commands)
    _add_data(commands)
    listing = commands.add_parser("parameters", help="list every parameter with its default")
    listing.set_defaults(command=_parameters)
    return parser


def _add_values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, default="quickstart", help="parameter set")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter over the preset's; lists as JSON or separated by commas",
    )


def _add_image_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--registry", default="", help="of the stages' images, ghcr.io/team")
    parser.add_argument("--tag", default="latest", help="of the stages' images")


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("run", help="run the whole pipeline on this machine")
    _add_values(parser)
    _add_image_names(parser)
    parser.add_argument(
        "--runner",
        choices=("subprocess", "docker"),
        default="subprocess",
        help="each stage in a process of this Python, or in its own container",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the results; a run of the same command resumes there",
    )
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="N,N,...",
        help="repeat the training with each training_seed, into DIR/seed_N; the other stages once",
    )
    parser.set_defaults(command=_run)


def _seeds(text: str) -> list[int]:
    if not all(part.strip().isdecimal() for part in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of seeds such as 0,1,2")
    return [int(part) for part in text.split(",")]


def _run(options: argparse.Namespace) -> None:
    from components.shared.settings.preflight import check_before_start
    from pipeline.cluster.resources import on_this_machine
    from pipeline.dag import build
    from pipeline.form import default_values
    from pipeline.local import runner as runners
    from pipeline.local.addresses import local_addresses
    from pipeline.local.seeds import run_seeds

    shared = options.output.absolute()
    check_all(values_of(options.preset, options.set))
    values = local_addresses(values_of(options.preset, options.set), shared)
    check_before_start(values)
    runner = (
        runners.subprocesses if options.runner == "subprocess" else _containers(options, values)
    )

    def run(values: dict[str, Value], output: Path) -> None:
        pipeline = build(
            default_values(options.preset), on_this_machine(options.registry, options.tag)
        )
        arguments = arguments_of(options.preset, values)
        tasks = runners.run(pipeline, arguments, values, output, runner, shared)
        print(_summary(output, tasks, str(values["images_uri"])))

    if options.seeds is None:
        run(values, shared)
    else:
        print(run_seeds(options.seeds, values, shared, run))


def _summary(output: Path, tasks: list[dict[str, object]], images_uri: str) -> str:
    from pipeline.local.runner import tracking_uri
    from pipeline.results.next_command import next_command
    from pipeline.results.table import comparison_table

    times = "\n".join(
        f"  {task['task']:<28} {task['seconds']:>8,.1f} s{'  (reused)' if task['reused'] else ''}"
        for task in tasks
    )
    table = comparison_table(json.loads((output / "metrics.json").read_text()))
    return (
        f"\n{table}\n\nTime of each stage\n{times}\n\n"
        f"Report:  {output / 'report.html'}\n"
        f"MLflow:  mlflow ui --backend-store-uri {tracking_uri()}   (or: make mlflow)\n"
        f"Next:    {next_command(output, images_uri)}"
    )


def _containers(options: argparse.Namespace, values: dict[str, Value]) -> "Runner":
    from pipeline.local.docker import containers

    return containers(values, options.output.absolute(), options.registry, options.tag)


def _add_predict(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("predict", help="label images with a DeViSE model")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument(
        "--model", required=True, help="a run's folder, a model's, or an MLflow address"
    )
    parser.add_argument("--labels", default="", help="labels of your own, separated by commas")
    parser.add_argument("--top", type=int, default=5, help="labels printed for each image")
    parser.set_defaults(command=_predict)


def _predict(options: argparse.Namespace) -> None:
    from pipeline.results.prediction import model_folder, predict_files

    with tempfile.TemporaryDirectory() as scratch:
        folder = model_folder(options.model, Path(scratch))
        labels = [label.strip() for label in options.labels.split(",") if label.strip()]
        print(predict_files(options.images, folder, labels, options.top))


def _add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("compare", help="pipeline runs side by side, from MLflow")
    parser.add_argument("--experiment", default="devise", help="of MLflow")
    parser.add_argument("--format", choices=("text", "csv", "json"), default="text")
    parser.set_defaults(command=_compare)


def _compare(options: argparse.Namespace) -> None:
    import os

    from pipeline.local.runner import tracking_uri
    from pipeline.results.runs import as_text, runs_table

    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    table = runs_table(options.experiment)
    formats = {
        "text": as_text,
        "csv": lambda found: found.to_csv(index=False),
        "json": lambda found: found.to_json(orient="records", indent=1),
    }
    print(formats[options.format](table))


def _add_results(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("results", help="a run's tables with intervals, as Markdown")
    parser.add_argument("run", type=Path, metavar="DIR", help="--output of a run, or of --seeds")
    parser.set_defaults(command=_results)


def _results(options: argparse.Namespace) -> None:
    from pipeline.results.markdown import results_text

    print(results_text(options.run))


def _add_cluster_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    compiling = commands.add_parser("compile", help="write the YAML that Kubeflow takes")
    compiling.add_argument("--output", type=Path, default=Path("pipeline.yaml"), metavar="FILE")
    compiling.set_defaults(command=_compile)
    submitting = commands.add_parser("submit", help="start a run on a cluster")
    submitting.add_argument("--run-name", default="devise")
    submitting.set_defaults(command=_submit)
    scheduling = commands.add_parser("schedule", help="retrain again and again on a cluster")
    scheduling.add_argument("--cron", required=True, help="six fields, seconds first")
    scheduling.set_defaults(command=_schedule)
    for parser in (submitting, scheduling):
        parser.add_argument("--host", default="", help="of Kubeflow Pipelines; empty: in-cluster")
        parser.add_argument("--namespace", default="kubeflow")
        parser.add_argument("--experiment", default="devise", help="of Kubeflow Pipelines")
    for parser in (compiling, submitting, scheduling):
        _add_values(parser)
        _add_image_names(parser)
        parser.add_argument("--mlflow", default="http://mlflow:5000", help="tracking URI of stages")
        parser.add_argument("--s3-endpoint", default="http://seaweedfs.kubeflow:9000")
        parser.add_argument("--s3-secret", default="mlpipeline-minio-artifact")


def _write(options: argparse.Namespace, file: Path, defaults: dict[str, Any]) -> None:
    from pipeline.cluster.compilation import write_pipeline
    from pipeline.cluster.resources import Cluster

    cluster = Cluster(
        registry=options.registry,
        tag=options.tag,
        mlflow_tracking_uri=options.mlflow,
        s3_endpoint=options.s3_endpoint,
        s3_secret=options.s3_secret,
    )
    write_pipeline(defaults, cluster, file)


def _compile(options: argparse.Namespace) -> None:
    from pipeline.form import form_values

    values = values_of(options.preset, options.set)
    given = {name for name, _ in map(parse_setting, options.set)}
    _write(options, options.output, form_values(options.preset, values, given))
    print(f"{options.output} is written: upload it in the Kubeflow UI, or use submit.")


@contextmanager
def _cluster(options: argparse.Namespace) -> Iterator[tuple["Client", Path, dict[str, Value]]]:
    """A connected client, the compiled pipeline, and the values that differ from its defaults."""
    from pipeline.cluster.client import connect
    from pipeline.form import default_values

    values = values_of(options.preset, options.set)
    check_all(values)
    arguments = arguments_of(options.preset, values)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "pipeline.yaml"
        _write(options, file, default_values(options.preset))
        yield connect(options.host, options.namespace), file, arguments


def _submit(options: argparse.Namespace) -> None:
    from pipeline.cluster.client import submit

    with _cluster(options) as (client, file, values):
        run_id = submit(client, file, values, options.experiment, options.run_name)
    print(f"Run {run_id} is started.")


def _schedule(options: argparse.Namespace) -> None:
    from pipeline.cluster.client import check_cron, schedule

    check_cron(options.cron)
    with _cluster(options) as (client, file, values):
        schedule_id = schedule(client, file, values, options.experiment, options.cron)
    print(f"Schedule {schedule_id} runs the latest version of the pipeline.")


def _add_images(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("images", help="build the stages' container images")
    _add_image_names(parser)
    parser.add_argument("--base-image", default="python:3.11-slim", help="what they build on")
    parser.add_argument("--push", action="store_true", help="push them to the registry")
    parser.set_defaults(command=_images)


def _images(options: argparse.Namespace) -> None:
    from pipeline.images import build_images

    for name in build_images(options.registry, options.tag, options.base_image, options.push):
        print(name)


def _add_data(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from pipeline.data.catalogue import CATALOGUE

    parser = commands.add_parser("data", help="make or fetch data; without a name: list them")
    parser.add_argument("name", nargs="?", choices=("quickstart", *CATALOGUE))
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to; default: data/NAME")
    parser.add_argument("--from", default="", metavar="URL", dest="mirror", help="of a mirror")
    parser.add_argument("--seed", type=int, default=0, help="of the quickstart data")
    parser.set_defaults(command=_data)


def _data(options: argparse.Namespace) -> None:
    from pipeline.data.catalogue import fetch_public_data, listing
    from pipeline.data.quickstart import write_quickstart_data

    output = options.output or Path("data") / (options.name or "")
    if options.name is None:
        print(f"quickstart\n  Made on this machine, for the preset of that name\n\n{listing()}")
    elif options.name == "quickstart":
        write_quickstart_data(output, options.seed)
        print(f"{output} holds the quickstart data.")
    else:
        arguments = fetch_public_data(options.name, output, options.mirror)
        print(f"Run with: {arguments}")


def _parameters(options: argparse.Namespace) -> None:
    for group in GROUPS:
        print(f"\n{group}")
        for parameter in (one for one in PARAMETERS.values() if one.group == group):
            print(f"  {parameter.name} = {json.dumps(parameter.default)}")
            print(f"      {parameter.description}")
