"""Which differences the test images can show: paired tests, in the columns of the comparison."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.draw_report.claims import Paired, paired_tests, signed_points
from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.section import Section
from components.draw_report.sections.tables import COLUMNS, column_class, figures_table, title_of
from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import BETTER_SOFTMAX, SOFTMAXES, baselines_of
from components.shared.artifacts.model_names import name_of, within_a_sentence
from components.shared.plurals import counted
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION

SIGNS = {1: "▲", 0: "", -1: "▼"}
WORDS = {1: "higher", 0: "not told apart", -1: "lower"}

Rows = Mapping[tuple[str, str], Mapping[str, Paired]]
"""By model and baseline the test of each metric."""


def paired_section(data: ReportData) -> list[Child]:
    """Show the paired tests of every candidate set, folded; a sentence where none was made."""
    tests = paired_tests(data)
    tables = [
        part
        for candidates in data.sets
        for part in _of_set(data, candidates, rows_of(tests, candidates, data.models))
    ]
    return [*_claims(data), element("p", *_note(tests), class_="note"), *tables]


def _claims(data: ReportData) -> list[Markup]:
    """Show the list of claims with their corrected p, and those left out with the reason."""
    claims = (data.confidence or {}).get("claims", {})
    left_out = (data.confidence or {}).get("claims_left_out", {})
    if not (claims or left_out):
        return []
    rows = [_claim(key, claim) for key, claim in claims.items()]
    rows += [[claim_words(key), "–", "–", reason] for key, reason in left_out.items()]
    head = ["claim", "difference", "p, corrected", "told"]
    heading = element("h3", "The claims, listed before the run")
    return [heading, plain_table(head, rows, "plain claims")]


def _claim(key: str, claim: Mapping[str, Any]) -> list[Child]:
    difference = signed_points(claim["difference"])
    shown: Child = element("b", difference) if claim["told"] else difference
    p = f"{claim['p_holm']:.3f}" if claim["p_holm"] >= 0.001 else "< 0.001"
    return [claim_words(key, claim["baseline"]), shown, p, "yes" if claim["told"] else "no"]


def claim_words(key: str, baseline: str | None = None) -> str:
    """Return who is compared, on which labels and by what, of a claim in confidence.json.

    Args:
        key: Its name there.
        baseline: The row that was the strongest of its kind; None where it was not tested.
    """
    pair, candidates, metric = key.split("/")
    model, _, rival = pair.partition("_vs_")
    words = metric.replace(FLAT_HIT, "hit@").replace(HIERARCHICAL_PRECISION, "hp@")
    return f"{name_of(model)} less {within_a_sentence(baseline or rival)}: {candidates}, {words}"


def rows_of(tests: Sequence[Paired], candidates: CandidateSet, models: Sequence[str]) -> Rows:
    """Return the tests of a candidate set by model and baseline, in the order of the tables.

    Where there is a test against the strongest softmax, those against each softmax are left out.

    Args:
        tests: All of them.
        candidates: The candidate set.
        models: Every model, in the order of the tables.
    """
    rows: dict[tuple[str, str], dict[str, Paired]] = {}
    for test in tests:
        if test.candidates == candidates.name:
            rows.setdefault((test.model, test.baseline), {})[test.metric] = test
    return {
        pair: rows[pair]
        for pair in sorted(rows, key=lambda pair: _place(pair, models))
        if not (pair[1] in SOFTMAXES and (pair[0], BETTER_SOFTMAX) in rows)
    }


def _place(pair: tuple[str, str], models: Sequence[str]) -> tuple[int, int]:
    """Models stand as in the tables, their baselines as they are tested against."""
    model, baseline = pair
    baselines = [BETTER_SOFTMAX, *baselines_of(model, models)]
    return models.index(model), baselines.index(baseline)


def _note(tests: Sequence[Paired]) -> list[Markup | str]:
    if not tests:
        return ["No paired test was made, so no difference between two models is claimed."]
    return [
        "The first model less the second on the same test images, in points, with its 95 % "
        "interval. ",
        element("b", "▲", class_="v1"),
        " higher and ",
        element("b", "▼", class_="v-1"),
        " lower are said only of the claims that were listed before the run, against the strongest "
        "row of a kind or a single row, and that their tests tell at 5 % with Holm's correction. "
        "Grey differences claim nothing. Intervals on seen classes are over images, on unseen ones "
        "over classes; p-values and the list of claims are in confidence.json.",
    ]


def _of_set(data: ReportData, candidates: CandidateSet, rows: Rows) -> list[Markup]:
    if not rows:
        return []
    body = [_row(data, candidates.name, pair, tests) for pair, tests in rows.items()]
    table = figures_table([element("tbody", *body)], "figures tests")
    pairs = counted(len(rows), "pair of models", "pairs of models")
    summary = element("summary", f"{title_of(candidates)}: {pairs}")
    return [element("details", summary, table, class_="in-print")]


def _row(
    data: ReportData, candidates: str, pair: tuple[str, str], tests: Mapping[str, Paired]
) -> Markup:
    model, baseline = pair
    against = element("small", f"less {within_a_sentence(baseline)}")
    shown = {column: test for column, test in tests.items() if data.is_ranked(candidates, column)}
    cells = [_cell(number, shown.get(column)) for number, column in enumerate(COLUMNS)]
    return element("tr", element("th", name_of(model), against, scope="row"), *cells)


def _cell(number: int, test: Paired | None) -> Markup:
    if test is None:
        return element("td", "–", class_=column_class(number))
    low, high = test.interval
    said = f"{WORDS[test.sign]}, p {f'= {test.p:.3f}' if test.p >= 0.001 else '< 0.001'}"
    return element(
        "td",
        element("span", SIGNS[test.sign], signed_points(test.difference), class_=f"v{test.sign}"),
        element("small", f"{signed_points(low)} … {signed_points(high)}"),
        class_=column_class(number),
        title=said,
    )


SECTION = Section("tests", "Differences", "Which differences are real", paired_section)
