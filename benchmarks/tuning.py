r"""Choose options on inner splits of fold 0, without a look at a test image or an unseen class.

    python benchmarks/tuning.py visual --image-index DIR --output runs/tuning half_size ...
    python benchmarks/tuning.py models --taxonomy DIR --word-vectors DIR --image-index DIR \\
        --output runs/tuning --set visual_epochs=38 ... labels losses exems ...

`visual` tries settings of the visual network (benchmarks/tuning_visual.py). `models` trains the
trunk of each of five inner splits once, and tries label vectors, losses and baselines on its
features (benchmarks/tuning_models.py). The folders are artifacts of a run of fold 0, which lie
below its stages/. What has been trained is not trained again.

Each figure is the mean over the five inner splits, with its standard error: of seen labels on the
training images that are kept aside, of unseen ones the mean over classes of their hits.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import tuning_visual
from tuning_baselines import BASELINES, Rankers
from tuning_models import (
    Given,
    Split,
    after,
    answers_of,
    figures_of,
    mean_and_error,
    projected,
    projection,
    splits,
    variant,
)

from components.shared.markdown import table
from components.shared.ranking.rankers import label_ranker
from components.shared.settings.presets import values_of

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
    "losses": (
        *(f"margin_{margin}: {CENTRED} devise_margin=0.{margin}" for margin in (1, 2, 4)),
        *(f"rank_all_{margin}: {CENTRED} {ALL} devise_margin=0.{margin}" for margin in (2, 4)),
        *(
            f"soft_{weight}_{tenths}: {CENTRED} labels_retrofitting={weight} {SOFT} "
            f"devise_temperature=0.{tenths}"
            for weight in (0.5, 1.0, 2.0)
            for tenths in ("05", "07", "1")
        ),
    ),
}  # fmt: skip
"""What can be asked for, beside the baselines: variants, written as in devise_variants."""
SPACES = {"first terms": FIRST, "retrofitted, centred": f"{CENTRED} labels_retrofitting=1.0"}
"""Label spaces that baselines are tried over."""
COLUMNS = {
    "seen hit@1": "seen/flat_hit_at_1",
    "hit@10": "seen/flat_hit_at_10",
    "hp@5": "seen/hierarchical_precision_at_5",
    "hp@10": "seen/hierarchical_precision_at_10",
    "unseen hit@1": "unseen/per_class_hit_at_1",
    "hit@5": "unseen/per_class_hit_at_5",
    "both": "unseen_plus_seen/harmonic_mean",
}


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
    models.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    models.add_argument("groups", nargs="+", choices=[*CANDIDATES, *BASELINES])
    options = parser.parse_args()
    if options.command == "visual":
        print(tuning_visual.tuned(options))
        return
    given = Given(
        options.taxonomy, options.word_vectors, options.image_index, options.output,
        values_of(PRESET, options.set),
    )  # fmt: skip
    for group in options.groups:
        print(f"\n{group}\n\n{_table(given, group)}", flush=True)


def _table(given: Given, group: str) -> str:
    """The candidates of a group, a row each."""
    found: dict[str, list[dict[str, float]]] = {}
    for split in splits(given):
        for rankers in _rankers(split, group):
            figures = figures_of(split, answers_of(split, rankers))
            for row in dict.fromkeys(model for model, _ in rankers):
                own = {name: figures[f"{row}/{key}"] for name, key in COLUMNS.items()}
                found.setdefault(row, []).append(own)
    rows = [
        [row, *(_shown(of_splits, name) for name in COLUMNS)] for row, of_splits in found.items()
    ]
    return table(["candidate", *COLUMNS], rows)


def _shown(of_splits: Sequence[Mapping[str, float]], name: str) -> str:
    mean, error = mean_and_error([figures[name] for figures in of_splits])
    return f"{100 * mean:.1f} ±{100 * error:.1f}"


def _rankers(split: Split, group: str) -> Iterator[Rankers]:
    """The rankers of a group's candidates, a candidate or a label space at a time."""
    if group in BASELINES:
        for name, text in SPACES.items():
            space = split.space(variant(f"space: {text}")[1])
            rankers = BASELINES[group](split, space)
            yield {
                (f"{row}, {name}", candidates): rank for (row, candidates), rank in rankers.items()
            }
        return
    for text in CANDIDATES[group]:
        name, differing = variant(text)
        space, project = split.space(differing), projected(projection(split, differing))
        yield {
            (name, one.name): after(project, label_ranker(space, one.members))
            for one in split.sets(space)
        }


if __name__ == "__main__":
    main()
