"""The commands that show what runs have led to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import examples, numbers

if TYPE_CHECKING:
    import pandas as pd


@click.command(epilog=examples("python pipeline.py compare --experiment devise"))
@click.option("--experiment", default="devise", help="Of MLflow.")
@click.option(
    "--format", type=click.Choice(("text", "csv", "json")), default="text", help="Of the table."
)
def compare(experiment: str, format: str) -> None:
    """Show pipeline runs side by side, from MLflow."""
    from components.shared.execution.mlflow_client import as_sentences, impatient
    from pipeline.local.tracking_database import make_database, tracking_uri
    from pipeline.results.mlflow_pages import page_of_experiment
    from pipeline.results.runs import as_text, runs_table

    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    make_database(tracking_uri())
    with as_sentences(), impatient():
        table = runs_table(experiment)
        page = page_of_experiment(experiment) if format == "text" else ""
    formats: dict[str, Callable[[pd.DataFrame], str]] = {
        "text": lambda found: f"{as_text(found)}\n\nPage: {page}",
        "csv": lambda found: found.to_csv(index=False),
        "json": lambda found: found.to_json(orient="records", indent=1),
    }
    print(formats[format](table))


@click.command(epilog=examples("python pipeline.py results runs/tiny"))
@click.argument("run", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--format",
    type=click.Choice(("markdown", "text")),
    default="markdown",
    help="Markdown has intervals and paired tests, text the figures and the claims.",
)
@click.option(
    "--report-folds",
    callback=numbers,
    metavar="N,N,...",
    help="Of a run with --folds, those that figures and claims are over.  [default: all but 0]",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Of a run with --folds: keep there what the tables are made of, some megabytes a fold "
    "in place of gigabytes, beside the folds that are there; the tables are of all of them.",
)
def results(run: Path, format: str, report_folds: list[int] | None, keep: Path | None) -> None:
    """Print all tables of a run.

    DIR is what --output of a run named, or of a run with --seeds or --folds. Of folds the figures
    are over all that are reported; fold 0, which options are chosen on, stands beside them.
    """
    from pipeline.folds.kept import keep_folds
    from pipeline.folds.tables import fold_results
    from pipeline.local.repeats import FOLD, repeats_in
    from pipeline.results.markdown import results_tables, results_text

    if there := repeats_in(run, FOLD):
        if keep:
            keep_folds(run, there, keep)
        print(fold_results(keep or run, report_folds, format == "markdown"))
        return
    if report_folds is not None or keep:
        raise ValueError(f"{run} has no finished fold: leave --report-folds and --keep out.")
    print(results_text(run) if format == "markdown" else results_tables(run))
