"""The command that runs the whole pipeline on this machine."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from components.shared.execution.progress import printable
from components.shared.settings.parameter import Value
from components.shared.settings.presets import arguments_of, values_of
from components.shared.settings.together import check_all, check_one_machine
from pipeline.commands.options import examples, numbers, takes_image_names, takes_values

if TYPE_CHECKING:
    from components.shared.settings.class_folds import ClassFolds
    from pipeline.dag import Configure
    from pipeline.local.docker import Runner
    from pipeline.local.repeats import Repeats

EXAMPLES = examples(
    "python pipeline.py run --preset quickstart --output runs/quickstart",
    "python pipeline.py run --preset tiny_imagenet --output runs/tiny \\",
    "    --set taxonomy_uri=/data/taxonomy --set images_uri=/data/tiny-imagenet \\",
    """    --set 'corpus_uris=["/data/wikipedia/AA", "/data/wikipedia/AB"]'""",
    "python pipeline.py run --preset tiny_imagenet --seeds 0,1,2 --output runs/tiny ...",
    "python pipeline.py run --preset tiny_imagenet --folds 0,1,2,3,4 --output runs/folds ...",
)


@click.command(epilog=EXAMPLES)
@takes_values
@takes_image_names
@click.option(
    "--runner",
    type=click.Choice(("subprocess", "docker")),
    default="subprocess",
    help="Each stage in a process of this Python, or in its own container.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the results; a run of the same command resumes there.",
)
@click.option(
    "--seeds",
    callback=numbers,
    metavar="N,N,...",
    help="Repeat the training with each training_seed, into DIR/seed_N; the other stages once.",
)
@click.option(
    "--folds",
    callback=numbers,
    metavar="N,N,...",
    help="Run with each of these groups of classes unseen, into DIR/fold_N; what no group changes "
    "once.",
)
@click.option(
    "--fold-list",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The groups of --folds, as 'pipeline.py folds' writes them; tiny_imagenet has its own.",
)
def run(**given: Any) -> None:
    """Run the whole pipeline on this machine."""
    from pipeline.local.runner import RunFailed
    from pipeline.local.stopping import Stopped

    try:
        _run(SimpleNamespace(**given))
    except RunFailed as error:
        print(f"\n{printable(str(error))}", file=sys.stderr)
        raise click.exceptions.Exit(1) from error
    except Stopped as error:
        print(f"\n{error}", file=sys.stderr)
        raise click.exceptions.Exit(128 + error.number) from error


def _run(options: SimpleNamespace) -> None:
    from pipeline.dag import build
    from pipeline.folds.repeating import keep_list
    from pipeline.form import default_values
    from pipeline.local import runner as runners
    from pipeline.local.output_folder import claimed, refuse_foreign
    from pipeline.local.repeats import repeat_folder, run_repeats
    from pipeline.local.tracking_database import make_database, tracking_uri

    shared, list_of_folds = options.output.absolute(), _list_of_folds(options)
    repeats = _repeats(options, list_of_folds)
    named = [(repeats.kind, number) for number in repeats.differing] if repeats else []
    for folder in (shared, *(repeat_folder(shared, *one) for one in named)):
        refuse_foreign(folder)
    values = _checked(options, repeats, shared)
    runner = (
        runners.subprocesses if options.runner == "subprocess" else _containers(options, values)
    )

    # Marked as ours first: the database may lie in it.
    with claimed(shared):
        if list_of_folds:
            keep_list(shared, list_of_folds)
        make_database(tracking_uri())
        _remove_half_files(shared, values)

    def run(values: dict[str, Value], output: Path) -> None:
        pipeline = build(default_values(options.preset), _configured(options))
        arguments = arguments_of(options.preset, values)
        tasks = runners.run(pipeline, arguments, values, output, runner, shared)
        print(_summary(output, tasks, values))

    if repeats is None:
        run(values, shared)
    else:
        print(run_repeats(repeats, values, shared, run))


def _list_of_folds(options: SimpleNamespace) -> "ClassFolds | None":
    """The groups of classes that runs are asked for; None: of none."""
    from pipeline.folds.repeating import folds_of

    if options.folds is None and options.fold_list:
        raise ValueError("--fold-list is there without --folds: name the folds to run.")
    if options.folds is not None and options.seeds is not None:
        raise ValueError("--seeds and --folds are two ways to repeat a run: give one of them.")
    return None if options.folds is None else folds_of(options.preset, options.fold_list)


def _repeats(options: SimpleNamespace, folds: "ClassFolds | None") -> "Repeats | None":
    """The runs that are asked for; None: a single one."""
    from pipeline.folds.repeating import fold_repeats
    from pipeline.local.repeats import seed_repeats

    given = {text.partition("=")[0] for text in options.set}
    if folds is None:
        return None if options.seeds is None else seed_repeats(options.seeds, given)
    return fold_repeats(folds, options.folds, given)


def _checked(options: SimpleNamespace, repeats: "Repeats | None", output: Path) -> dict[str, Value]:
    """Every parameter of the first run, after those of all runs have been checked."""
    from components.shared.settings.preflight import check_before_start, check_classes
    from pipeline.local.addresses import local_addresses
    from pipeline.local.busy_machine import say_if_busy
    from pipeline.local.first_looks import look_into_inputs

    given = values_of(options.preset, options.set)
    differing = repeats.differing.values() if repeats else [{}]
    every = [{**given, **one} for one in differing]
    for values in every:
        check_all(values)
        check_one_machine(values)
    first, *others = (local_addresses(values, output) for values in every)
    check_before_start(first)
    for values in others:
        check_classes(values)
    look_into_inputs(first)
    say_if_busy()
    return first


def _configured(options: SimpleNamespace) -> "Configure":
    """What each task is told: its image, of which a process needs none."""
    if options.runner == "subprocess":
        return lambda _task, _stage: None
    from pipeline.cluster.resources import on_this_machine

    return on_this_machine(options.registry, options.tag)


def _remove_half_files(output: Path, values: dict[str, Value]) -> None:
    from components.shared.execution.progress import say
    from components.shared.storage.atomic import remove_half_files
    from components.shared.storage.store import local_path
    from pipeline.local.addresses import addresses

    written = [path for uri in addresses(values, "written") if (path := local_path(uri))]
    if left := sum(map(remove_half_files, dict.fromkeys((output, *written)))):
        say(f"half-written files of killed runs removed: {left}")


def _summary(output: Path, tasks: list[dict[str, object]], values: dict[str, Value]) -> str:
    from pipeline.results.brief import brief_table
    from pipeline.results.next_command import next_commands

    times = "\n".join(
        f"  {task['task']:<28} {task['seconds']:>8,.1f} s{'  (reused)' if task['reused'] else ''}"
        for task in tasks
    )
    following = "\n         ".join(next_commands(output, str(values["images_uri"])))
    table = brief_table(json.loads((output / "metrics.json").read_text()))
    return (
        f"\n{table}\n\nTime of each stage\n{times}\n\n"
        f"Report:  {output / 'report.html'}\n"
        f"MLflow:  {_mlflow_page(output)}\n"
        f"Next:    {following}"
    )


def _mlflow_page(output: Path) -> str:
    from components.shared.execution.mlflow_client import as_sentences, impatient
    from pipeline.local.run_id import run_id_of
    from pipeline.local.tracking_database import tracking_uri
    from pipeline.results.mlflow_pages import page_or_reason

    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    try:
        with as_sentences(), impatient():
            return page_or_reason(run_id_of(output), tracking_uri())
    except ValueError as error:
        # The run is done, with or without the server.
        return str(error)


def _containers(options: SimpleNamespace, values: dict[str, Value]) -> "Runner":
    from pipeline.local.docker import containers

    return containers(values, options.output.absolute(), options.registry, options.tag)
