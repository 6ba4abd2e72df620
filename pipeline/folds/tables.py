"""The tables of a folder of folds, as Markdown or plain text."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from components.shared.markdown import escaped
from pipeline.folds.by_fold import by_fold_parts
from pipeline.folds.differences import differences
from pipeline.folds.figures import FoldFigures, figures_over
from pipeline.local.repeats import FOLD, repeat_folder, repeats_in
from pipeline.results.generalised import without_shared_terms_part, zero_shot_sets_of
from pipeline.results.markdown import Tables, plain_tables, tables, words_part

CHOSEN_ON = 0
"""The fold that options are chosen on."""
WORDS = """\
Unseen labels: each class is unseen in one of these folds; figures are over all of them together,
intervals and tests by class. Seen labels: of each image the mean over the folds that its class is
seen in, ± the standard deviation of the folds' means; intervals and tests by image. The harmonic
mean is that of the two figures beside it; AUSUC is the mean over the folds, ± their standard
deviation."""
SHARING = """\
Left out are the images of both classes of a pair in its fold; before their names what they share:
"""


def fold_results(output: Path, asked: Sequence[int] | None, as_markdown: bool) -> str:
    """Return the tables of the folds that are reported, and of the one that options were chosen on.

    Args:
        output: Folder of the runs of several folds.
        asked: Numbers of the folds that are reported; None: all but 0.
        as_markdown: Whether for a page, with intervals and paired tests; else for a terminal.

    Raises:
        ValueError: A fold is not there, or none is left to report.
    """
    there = repeats_in(output, FOLD)
    reported = _reported(output, there, asked)
    show: Tables = tables if as_markdown else plain_tables
    folders = {number: repeat_folder(output, FOLD, number) for number in reported}
    found = figures_over(output, reported)
    title = f"Fold{'s' if len(reported) > 1 else ''} {', '.join(map(str, reported))}"
    parts = [_heading(title, as_markdown), WORDS, *differences(folders)]
    parts += by_fold_parts(reported, found.means) if as_markdown else []
    parts.append(show(found.means, [asdict(found.confidence)]))
    parts += _without_shared_terms(found, as_markdown)
    parts.append(words_part(list(folders.values())))
    if CHOSEN_ON in there and CHOSEN_ON not in reported:
        beside = figures_over(output, [CHOSEN_ON])
        parts.append(_heading(f"Fold {CHOSEN_ON}, which options were chosen on", as_markdown))
        parts.append(show(beside.means, []))
    return "\n\n".join(part for part in parts if part)


def _without_shared_terms(found: FoldFigures, as_markdown: bool) -> list[str]:
    """Tables without the classes that share a term, and which these are; none without a pair."""
    figures = {name: one["mean"] for name, one in found.means.items()}
    sets = zero_shot_sets_of(figures)
    parts = [without_shared_terms_part(one, figures, found.without) for one in sets]
    shown = escaped if as_markdown else str
    pairs = [
        f"* fold {number}, {shown(pair.replace('_', ' '))}"
        for number, own in found.pairs.items()
        for pair in own
    ]
    return [*parts, "\n".join([SHARING, *pairs])] if any(parts) else []


def _reported(output: Path, there: Sequence[int], asked: Sequence[int] | None) -> list[int]:
    listed = ", ".join(map(str, there))
    if asked is None:
        reported = [number for number in there if number != CHOSEN_ON]
        if not reported:
            raise ValueError(
                f"{output} has fold {CHOSEN_ON} alone, which options are chosen on: run others, or "
                f"show it with --report-folds {CHOSEN_ON}."
            )
        return reported
    if missing := [number for number in asked if number not in there]:
        raise ValueError(
            f"--report-folds names {missing[0]}, but {output} has the finished folds {listed}."
        )
    return list(dict.fromkeys(asked))


def _heading(text: str, as_markdown: bool) -> str:
    return f"## {text}" if as_markdown else f"{text}\n{'=' * len(text)}"
