"""The report in brief, as Markdown: what Kubeflow shows on the page of the task itself."""

from components.draw_report.claims import CONTAMINATION
from components.draw_report.confusion import CLASSES, Confusion, confused_pairs
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import percent
from components.draw_report.run_facts import run_facts
from components.draw_report.sections.summary import sentences
from components.draw_report.sections.tables import title_of
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import CHANCE, CONTAMINATED
from components.shared.artifacts.model_names import name_of
from components.shared.markdown import escaped, table
from components.shared.plurals import counted, verb
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION

FIGURES = {
    f"{FLAT_HIT}1": "hit@1",
    f"{FLAT_HIT}5": "hit@5",
    f"{HIERARCHICAL_PRECISION}5": "hierarchical precision@5",
}
"""The figures that stand in the table, and its titles."""

PAIRS = 10
"""Most pairs of classes that are listed."""

WHERE = (
    ("The report, with intervals, tests and a gallery", "`report` of this task"),
    ("The table of confusions", "`confusion` of this task"),
    ("Every figure and every ranking", "`evaluation` of Evaluate; as KFP's metrics `metrics`"),
    ("The model", "`devise_model` of Train DeViSE; in MLflow's registry by Register model"),
)
"""In which artifact what is found."""


def summary_markdown(data: ReportData, confusion: Confusion) -> str:
    """Return what came out, the figures, the confusions and what they are of.

    Args:
        data: Of the report.
        confusion: The table beside it, of which it says what is left out.
    """
    return "\n\n".join(
        [
            "# DeViSE",
            *_warning(data),
            *(escaped(sentence) for sentence in sentences(data)),
            "## Figures",
            _figures(data),
            *_confusions(data, confusion),
            "## Where",
            table(["", ""], [*WHERE, *_run(data)], names=2),
            "",
        ]
    )


def _warning(data: ReportData) -> list[str]:
    return [f"**{escaped(CONTAMINATED)}**: {escaped(CONTAMINATION)}"] if data.contaminated else []


def _figures(data: ReportData) -> str:
    rows = [
        _row(data, candidates, model)
        for candidates in data.sets
        for model in [*data.final_models(candidates.name), CHANCE]
    ]
    return table(["", "", *FIGURES.values()], rows, names=2)


def _row(data: ReportData, candidates: CandidateSet, model: str) -> list[str]:
    names = escaped(title_of(candidates)), escaped(name_of(model))
    keys = (f"{model}/{candidates.name}/{figure}" for figure in FIGURES)
    return [*names, *(_figure(data, candidates.name, key) for key in keys)]


def _figure(data: ReportData, candidates: str, key: str) -> str:
    return percent(data.metrics[key]) if data.is_ranked(candidates, key) else "–"


def _confusions(data: ReportData, confusion: Confusion) -> list[str]:
    """List the first pairs, under a line that says of how many images they are."""
    pairs = confused_pairs(data)
    if not pairs:
        return []
    images, wrong = int(data.candidates(SEEN).images.sum()), sum(pair.images for pair in pairs)
    left_out = (
        f"; it leaves {counted(confusion.left_out, 'image')} out" if confusion.left_out else ""
    )
    note = (
        f"Of {counted(images, 'test image')} of the seen classes {wrong:,} "
        f"{verb(wrong, 'has', 'have')} another class's label first. "
        f"The table of confusions shows at most {CLASSES} classes{left_out}."
    )
    rows = [
        [escaped(data.names[pair.truth]), escaped(data.names[pair.taken_for]), f"{pair.images:,}"]
        for pair in pairs[:PAIRS]
    ]
    listed = table(["Class", "taken for", "images"], rows, names=2)
    return ["## Confused most often", note, listed]


def _run(data: ReportData) -> list[tuple[str, str]]:
    """Name the run and its code, where they were recorded."""
    named = {
        "MLflow run of Evaluate": "mlflow_run_id",
        "Code of Evaluate": "code_version",
    }
    facts = {title: data.facts.get(name) for title, name in named.items()}
    written = {**run_facts(data.facts), **facts}
    return [(title, escaped(str(value))) for title, value in written.items() if value]
