"""The commands that use a trained model."""

import importlib.util
import json
import shlex
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from components.shared.execution.progress import printable
from pipeline.commands.options import examples

if TYPE_CHECKING:
    from components.shared.ranking.labeller import Candidates, Labeller
    from pipeline.results.prediction import Answer

takes_model = click.option(
    "--model", required=True, help="A run's folder, a model's, or an MLflow address."
)


@click.command(
    epilog=examples(
        "python pipeline.py predict photo.jpg --model runs/quickstart",
        "python pipeline.py predict photos/ --model runs/quickstart --candidates all --json",
        'python pipeline.py predict photo.jpg --model runs/quickstart --labels "blue shark,crane"',
    )
)
@click.argument(
    "images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE..."
)
@takes_model
@click.option(
    "--labels",
    default="",
    help="Labels of your own, separated by commas; they need no images, only to occur in the text "
    "that the word vectors were learned from.",
)
@click.option(
    "--candidates",
    type=click.Choice(("seen", "unseen", "all")),
    default="seen",
    help="Which of the model's own labels: those trained on, the others, or both.",
)
@click.option("--top", type=click.IntRange(min=1), default=5, help="Labels for each image.")
@click.option(
    "--json", "is_json", is_flag=True, help="Print one JSON document, with the nearest words too."
)
def predict(
    images: Sequence[Path],
    model: str,
    labels: str,
    candidates: "Candidates",
    top: int,
    is_json: bool,
) -> None:
    """Label images, or all images of folders, with a DeViSE model.

    Ends with 1 where one of them cannot be read; the others are labelled.
    """
    from pipeline.model import load_model
    from pipeline.results.image_files import image_files
    from pipeline.results.prediction import NEAREST_WORDS, Asked, answers

    found = image_files(images)
    if found.passed_over:
        said = f"{found.passed_over:,} files that are not called as images are were passed over."
        print(said, file=sys.stderr)
    loaded = load_model(model)
    own = tuple(label.strip() for label in labels.split(",") if label.strip())
    asked = Asked(own, candidates, top, NEAREST_WORDS if is_json else 0)
    document: list[dict[str, Any]] | None = [] if is_json else None
    unread = _tell(answers(found.files, loaded, asked), loaded, document)
    if document is not None:
        print(json.dumps({"model": model, "images": document}, indent=1))
    if unread:
        raise click.exceptions.Exit(1)


def _tell(
    answers: "Iterable[Answer]", model: "Labeller", document: list[dict[str, Any]] | None
) -> int:
    """Print answers, or put them into a document; say what is wrong with the rest; count these."""
    from pipeline.results.prediction import as_json, as_text

    unread = 0
    for answer in answers:
        if document is not None:
            document.append(as_json(answer, model))
        elif not answer.error:
            print(as_text(answer))
        if answer.error:
            unread += 1
            print(printable(f"error: {answer.error}"), file=sys.stderr)
    return unread


@click.command(epilog=examples("python pipeline.py demo --model runs/quickstart"))
@takes_model
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=7860, help="Of the page; 0: any that is free."
)
def demo(model: str, port: int) -> None:
    """Show a page to try a model on: photos, and words of your own.

    The page is this machine's alone, and takes nothing from elsewhere.
    """
    _need_packages("demo", "fastapi", "sklearn", "uvicorn")
    from pipeline.demo.server import Shown, listening, serve
    from pipeline.model import load_model
    from pipeline.results.example_images import examples_beside

    with listening(port) as place:
        loaded = load_model(model)
        shown = Shown(loaded, model, examples_beside(model, loaded))
        host, at = place.getsockname()
        print(f"The page is http://{host}:{at} (Ctrl-C ends it)", flush=True)
        serve(shown, place)


@click.command(
    epilog=examples("python pipeline.py export --model models:/devise@champion --to devise --onnx")
)
@takes_model
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="A new folder; its name is the model's.",
)
@click.option("--license", "license_", default="apache-2.0", help="As the hub names licenses.")
@click.option("--onnx", is_flag=True, help="Write the image side as ONNX too.")
def export(model: str, to: Path, license_: str, onnx: bool) -> None:
    """Write a model in the form that the Hugging Face hub takes.

    The folder holds weights, config, label vectors and a model card with the run's figures;
    --model of predict and demo takes it as well.
    """
    if onnx:
        _need_packages("onnx", "onnx", "onnxscript")
    from pipeline.export.figures import figures_of
    from pipeline.export.hub_folder import export as write
    from pipeline.model import model_folder

    with tempfile.TemporaryDirectory() as scratch:
        folder = model_folder(model, Path(scratch))
        write(folder, to, to.absolute().name, license_, figures_of(model), onnx)
    print(f"{to} holds the model; its card is {to / 'README.md'}")


def _need_packages(extra: str, *names: str) -> None:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise ValueError(
            f"{', '.join(missing)} must be installed for this: "
            f"{shlex.quote(sys.executable)} -m pip install '.[{extra}]' in the project's folder."
        )
