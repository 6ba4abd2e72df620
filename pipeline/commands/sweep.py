"""The command that tries settings, and says which are best on the validation images."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from components.shared.execution.progress import printable
from components.shared.settings.parameter import Value
from components.shared.settings.presets import parse_setting
from pipeline.commands.cluster_options import cluster_of, takes_cluster
from pipeline.commands.kubeflow_options import connected, takes_connection, takes_run_place
from pipeline.commands.options import examples, takes_image_names, takes_settings

if TYPE_CHECKING:
    from pipeline.sweeps.file import Sweep
    from pipeline.sweeps.trial import Trial

HELP = """Try settings, and say which are best by a figure of the validation images.

FILE is YAML, or TOML where its name ends so:

\b
    preset: quickstart
    settings: {devise_phase_2_epochs: 0}     # the same for every trial
    search: random                           # or grid: every combination
    trials: 8                                # of a random search
    seed: 0                                  # of a random search
    objective:
      metric: train_devise-devise/validation_hit_at_1
      direction: maximise                    # or minimise
    parameters:
      devise_margin: [0.05, 0.1, 0.2]
      devise_phase_1_learning_rate: {from: 0.01, to: 0.3, log: true}

A trial is a run of the pipeline that ends with the stage that finds the figure out. Figures of test
images are refused: settings chosen by them would be fitted to them. The same command goes on where
it was stopped. In DIR are then sweep.md and sweep.json, the trials sorted, and best.yaml, which
run takes as --set @DIR/best.yaml.
"""
HERE_TOO = ("file", "output", "set", "submit")
"""What a sweep on this machine is told."""
EXAMPLES = examples(
    "python pipeline.py sweep margins.yaml --output runs/margins",
    "python pipeline.py run --preset quickstart --set @runs/margins/best.yaml --output runs/best",
    "python pipeline.py sweep margins.yaml --output runs/margins --submit --at-once 4 \\",
    "    --registry ghcr.io/team --host https://kubeflow.example --set images_uri=s3://...",
)


@click.command(help=HELP, epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the results; the same command goes on there.",
)
@click.option("--submit", is_flag=True, help="On a cluster: a run a trial, each waited for.")
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    default=2,
    help="With --submit: most trials at a time.",
)
@takes_settings
@takes_connection
@takes_run_place
@takes_image_names
@takes_cluster
def sweep(**given: Any) -> None:
    """Try settings, and say which are best."""
    from pipeline.local.stopping import Stopped
    from pipeline.sweeps.file import read_sweep

    options = SimpleNamespace(**given)
    if not options.submit:
        _refuse_cluster_options(click.get_current_context())
    asked = read_sweep(options.file, dict(map(parse_setting, options.set)))
    options.preset = asked.preset
    try:
        trials = _there(asked, options) if options.submit else _here(asked, options)
    except Stopped as error:
        print(f"\n{error}", file=sys.stderr)
        raise click.exceptions.Exit(128 + error.number) from error
    if failed := [str(trial.number) for trial in trials if trial.error]:
        print(f"Failed: trial {', '.join(failed)}.", file=sys.stderr)
        raise click.exceptions.Exit(1)


def _refuse_cluster_options(context: click.Context) -> None:
    """Refuse what was given and would change nothing of a sweep on this machine."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is ParameterSource.COMMANDLINE and option.name not in HERE_TOO:
            raise ValueError(
                f"{option.opts[0]} is of a sweep on a cluster: give --submit too, or leave it out."
            )


def _here(asked: "Sweep", options: SimpleNamespace) -> "list[Trial]":
    from components.shared.settings.preflight import check_before_start
    from components.shared.settings.together import check_one_machine
    from pipeline.dag import build
    from pipeline.form import default_values
    from pipeline.local import runner
    from pipeline.local.addresses import local_addresses
    from pipeline.local.busy_machine import say_if_busy
    from pipeline.local.first_looks import look_into_inputs
    from pipeline.local.output_folder import claimed
    from pipeline.local.tracking_database import make_database, tracking_uri
    from pipeline.sweeps.here import run_trials

    shared, until = options.output.absolute(), asked.objective.stage
    for trial in asked.trials:
        check_one_machine(asked.values(trial))
    first = local_addresses(asked.values(asked.trials[0]), shared)
    check_before_start(first)
    look_into_inputs(first)
    say_if_busy()

    def run(values: dict[str, Value], folder: Path) -> list[dict[str, Any]]:
        from components.shared.settings.presets import arguments_of

        placed = local_addresses(values, shared)
        pipeline = build(default_values(asked.preset), lambda _task, _stage: None, until=until)
        arguments = arguments_of(asked.preset, placed)
        return runner.run(
            pipeline, arguments, placed, folder, runner.subprocesses, shared, until=until
        )

    # Marked as ours first: the database may lie in it. Each trial claims it for itself.
    with claimed(shared):
        make_database(tracking_uri())
    return _recorded(
        asked, shared, tracking_uri(), lambda ended: run_trials(asked, shared, run, ended)
    )


def _there(asked: "Sweep", options: SimpleNamespace) -> "list[Trial]":
    from pipeline.cluster.compilation import write_pipeline
    from pipeline.cluster.local_data import refuse_local
    from pipeline.form import default_values
    from pipeline.local.output_folder import claimed
    from pipeline.sweeps.there import Place, run_trials
    from pipeline.sweeps.tracked import figure_of

    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if not uri:
        raise ValueError(
            "MLFLOW_TRACKING_URI is not set: the trials' figures are read from the cluster's "
            "MLflow, so say where it is reached from here."
        )
    for trial in asked.trials:
        refuse_local(asked.values(trial))
    stage = asked.objective.stage
    # What comes from the cache reports nothing; its checkpoint makes doing it again quick.
    options.no_cache = frozenset({*options.no_cache, stage})
    with tempfile.TemporaryDirectory() as scratch, claimed(options.output):
        compiled = Path(scratch) / "pipeline.yaml"
        write_pipeline(default_values(asked.preset), cluster_of(options), compiled, stage)
        kubeflow = connected(options)
        place = Place(
            kubeflow, compiled, options.experiment, options.service_account, options.at_once
        )

        def run(ended: "Callable[[Trial], None]") -> "list[Trial]":
            return run_trials(
                asked, options.output, place,
                lambda trial: figure_of(trial, asked.objective), ended, print,
            )  # fmt: skip

        return _recorded(asked, options.output, uri, run)


def _recorded(
    asked: "Sweep",
    output: Path,
    uri: str,
    run: "Callable[[Callable[[Trial], None]], list[Trial]]",
) -> "list[Trial]":
    """Run the trials below a run of MLflow's, and leave their table."""
    from components.shared.execution.mlflow_client import as_sentences
    from pipeline.sweeps import results, tracked

    os.environ["MLFLOW_TRACKING_URI"] = uri
    experiment = str(asked.values(asked.trials[0])["mlflow_experiment"])
    with as_sentences():
        run_id = tracked.open_sweep(output, experiment, asked.name, _facts(asked))
        try:
            trials = run(lambda trial: tracked.nest(run_id, trial, asked.objective))
        except BaseException:
            tracked.abandon_sweep(run_id)
            raise
        tracked.close_sweep(run_id, results.ranked(asked, trials)[0])
        page = tracked.comparison(trials, uri)
    print(f"\n{printable_lines(results.write_results(asked, trials, output))}")
    print(f"Table:   {output / results.TABLE}\nMLflow:  {page}")
    return trials


def printable_lines(text: str) -> str:
    """A text without what a terminal would act on."""
    return "\n".join(map(printable, text.split("\n")))


def _facts(asked: "Sweep") -> Mapping[str, Any]:
    from components.shared.storage import store

    swept: Sequence[str] = list(asked.trials[0])
    settings = store.without_secrets(asked.settings)
    return {
        "objective": asked.objective.name,
        "direction": asked.objective.direction,
        "preset": asked.preset,
        "swept": ", ".join(swept),
        **{f"settings.{name}": value for name, value in settings.items()},
    }
