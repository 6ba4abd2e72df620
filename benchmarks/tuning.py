r"""Choose options on inner splits of fold 0, without a look at a test image or an unseen class.

    python benchmarks/tuning.py visual --image-index DIR --output runs/tuning half_size ...
    python benchmarks/tuning.py models --taxonomy DIR --word-vectors DIR --image-index DIR \\
        --output runs/tuning --set visual_epochs=38 ... labels rank_losses exems ...

`visual` tries settings of the visual network (benchmarks/tuning_visual.py). `models` trains the
trunk of each inner split once, and tries label vectors, losses and baselines on its
features (benchmarks/tuning_models.py). The folders are artifacts of a run of fold 0, which lie
below its stages/. What has been trained is not trained again.

Each figure is the mean over the inner splits, or the first of them (--splits), with its standard
error: of seen labels on the training images that are kept aside, of unseen ones the mean over
classes of their hits. The rule that chooses stands in benchmarks/tuning_choice.py.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import tuning_visual
from inner_splits import GROUPS
from tuning_baselines import OVER_A_SPACE, WITHOUT_A_SPACE
from tuning_choice import COLUMNS, PENALISED, Row, chosen
from tuning_models import (
    Given,
    Rankers,
    Split,
    after,
    answers_of,
    curves_by_row,
    figures_of,
    projected,
    projection,
    splits,
    variant,
)

from components.shared.markdown import table
from components.shared.ranking.rankers import label_ranker
from components.shared.settings.presets import BEST, values_of

PRESET = "tiny_imagenet"
FIRST, MEAN = "labels_target=first_term", "labels_target=mean_of_terms"
CENTRED = f"{MEAN} labels_centred=true"
SOFT = "devise_loss=cross_entropy devise_soft_label_share=0.5 devise_soft_label_beta=0.3"
ALL = "devise_margin_scaling=relatedness devise_violators=all devise_phase_1_learning_rate=0.02"
CANDIDATES: Mapping[str, Sequence[str]] = {
    "labels": (
        f"first: {FIRST}",
        f"mean: {MEAN}",
        f"centred: {CENTRED}",
        f"retrofitted: {MEAN} labels_retrofitting=1.0",
        f"retrofitted_centred: {CENTRED} labels_retrofitting=1.0",
        "random: labels_vectors=random",
        "random_per_synset: labels_vectors=random_per_synset",
    ),
    "rank_losses": (
        *(f"margin_{margin}: {CENTRED} devise_margin=0.{margin}" for margin in (1, 2, 4)),
        *(f"rank_all_{margin}: {CENTRED} {ALL} devise_margin=0.{margin}" for margin in (2, 4)),
    ),
    "soft_losses": (
        *(
            f"plain_{tenths}: {CENTRED} devise_loss=cross_entropy devise_temperature=0.{tenths}"
            for tenths in ("05", "07", "1")
        ),
        *(
            f"soft_{name}_{tenths}: {CENTRED} labels_retrofitting={weight} {SOFT} "
            f"devise_temperature=0.{tenths}"
            for name, weight in {"half": 0.5, "1": 1.0, "2": 2.0}.items()
            for tenths in ("05", "07", "1")
        ),
    ),
    "softer_losses": tuple(
        f"soft_{weight}_{tenths}: {CENTRED} labels_retrofitting={weight}.0 {SOFT} "
        f"devise_temperature=0.{tenths}"
        for weight in (2, 4, 8)
        for tenths in ("1", "15", "2")
    ),
}  # fmt: skip
"""What can be asked for, beside the baselines: variants, written as in devise_variants."""
FILES = "files"
OVER_A_FILE = {
    "margin": "labels_centred=true",
    "soft": f"labels_centred=true labels_retrofitting=1.0 {SOFT} devise_temperature=0.1",
}
"""What is tried over each file of --label-vectors."""
SPACES = {"first terms": FIRST, "devise_best": BEST.partition(": ")[2]}
"""Label spaces that baselines are tried over, those of the preset's `devise` and of its best
variant; CSLS is tried on projections into them."""


def main() -> None:
    """Do what is asked for, and print its table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    visual = commands.add_parser("visual", help="settings of the visual network")
    tuning_visual.add_arguments(visual)
    models = commands.add_parser("models", help="label vectors, losses and baselines")
    for name in ("taxonomy", "word-vectors", "image-index", "output"):
        models.add_argument(f"--{name}", type=Path, required=True, metavar="DIR")
    every = range(1, GROUPS + 1)
    models.add_argument(
        "--splits", type=int, default=GROUPS, choices=every, help="the first of five"
    )
    models.add_argument(
        "--label-vectors", type=Path, action="append", default=[], metavar="FILE",
        help="label vectors for the group 'files', as often as needed",
    )  # fmt: skip
    models.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    groups = [*CANDIDATES, FILES, *WITHOUT_A_SPACE, *OVER_A_SPACE]
    models.add_argument("groups", nargs="+", choices=groups)
    options = parser.parse_args()
    if options.command == "visual":
        print(tuning_visual.tuned(options))
        return
    given = Given(
        options.taxonomy, options.word_vectors, options.image_index, options.output,
        values_of(PRESET, options.set), options.splits, tuple(options.label_vectors),
    )  # fmt: skip
    for group in options.groups:
        for shown in _tables(given, group):
            print(f"\n{shown}", flush=True)


def _tables(given: Given, group: str) -> Iterator[str]:
    """The candidates of a group, a row each, and which of them is chosen; a table a label space."""
    spaces = SPACES if group in OVER_A_SPACE else {"": ""}
    for title, text in spaces.items():
        rows: dict[str, Row] = {}
        for split in splits(given):
            for rankers in _rankers(split, group, text):
                _judge(split, rankers, rows)
        cells = [[name, *row.cells()] for name, row in rows.items()]
        shown = table(["candidate", *COLUMNS, *PENALISED], cells)
        yield f"{group}{title and f', {title}'}\n\n{shown}\n\nchosen: {chosen(rows)}"


def _judge(split: Split, rankers: Rankers, rows: dict[str, Row]) -> None:
    """Add to each row what it reaches on a split."""
    answers = answers_of(split, rankers)
    figures, curves = figures_of(split, answers), curves_by_row(split, answers)
    for name in dict.fromkeys(name for name, _ in rankers):
        row = rows.setdefault(name, Row([], []))
        row.figures.append({column: figures[f"{name}/{key}"] for column, key in COLUMNS.items()})
        row.curves.extend([curves[name]] if name in curves else [])


def _rankers(split: Split, group: str, space: str) -> Iterator[Rankers]:
    """The rankers of a group's candidates; those over label spaces of their own one at a time."""
    if group in WITHOUT_A_SPACE:
        yield WITHOUT_A_SPACE[group](split)
    elif group in OVER_A_SPACE:
        yield OVER_A_SPACE[group](split, variant(f"space: {space}")[1])
    else:
        yield from (_projected(split, text) for text in _candidates(split.given, group))


def _candidates(given: Given, group: str) -> Sequence[str]:
    if group != FILES:
        return CANDIDATES[group]
    return [
        f"{file.stem}_{loss}: labels_vectors_uri={file.absolute()} "
        f"labels_vectors_trained_on=text {options}"
        for file in given.label_vectors
        for loss, options in OVER_A_FILE.items()
    ]


def _projected(split: Split, text: str) -> Rankers:
    name, differing = variant(text)
    space, project = split.space(differing), projected(projection(split, differing))
    return {
        (name, one.name): after(project, label_ranker(space, one.members))
        for one in split.sets(space)
    }


if __name__ == "__main__":
    main()
