import re
from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.generalised import generalised_section
from components.shared.artifacts.evaluation import no_curves

HIT = "per_class_hit_at_1"
SEEN, UNSEEN = f"seen_among_unseen/{HIT}", f"unseen_plus_seen/{HIT}"
MEAN = "unseen_plus_seen/harmonic_mean"
FIGURES = {
    f"devise/{SEEN}": 0.6, f"devise/{UNSEEN}": 0.2, f"devise/{MEAN}": 0.3,
    "devise/unseen/ausuc": 0.125,
    f"softmax/{SEEN}": 0.7, f"softmax/{UNSEEN}": 0.0, f"softmax/{MEAN}": 0.0,
}  # fmt: skip
CALIBRATED = {
    f"devise_calibrated/{SEEN}": 0.5,
    f"devise_calibrated/{UNSEEN}": 0.4,
    f"devise_calibrated/{MEAN}": 0.444,
}


def rows_of(data: ReportData) -> dict[str, list[str]]:
    text = join(generalised_section(data)).text
    rows = re.findall(r'<tr[^>]*><th scope="row" title="(\w+)">(.*?)</tr>', text)
    return {model: re.findall("<td>(.*?)</td>", row) for model, row in rows}


def test_a_model_has_both_hits_their_mean_and_the_area_and_a_softmax_no_area(
    data: ReportData,
) -> None:
    rows = rows_of(replace(data, metrics={**data.metrics, **FIGURES}))
    assert rows["devise"] == ["60.0", "20.0", "30.0", "12.5"]
    assert rows["softmax"] == ["70.0", "0.0", "0.0", "–"]
    assert list(rows)[-1] == "chance"
    assert "devise_phase_1" not in rows


def test_calibrated_figures_stand_beside_those_of_their_model(data: ReportData) -> None:
    both = replace(
        data,
        metrics={**data.metrics, **FIGURES, **CALIBRATED},
        models=(*data.models, "devise_calibrated"),
    )
    rows = rows_of(both)
    assert rows["devise"] == ["60.0", "20.0", "30.0", "50.0", "40.0", "44.4", "12.5"]
    assert rows["softmax"][3:] == ["–"] * 4
    assert "evaluate_penalties" in join(generalised_section(both)).text
    assert "evaluate_penalties" not in join(generalised_section(data)).text


def test_each_main_model_that_scores_unseen_labels_has_a_curve_with_its_figures(
    data: ReportData,
) -> None:
    models = (*data.models, "devise_calibrated")
    calibrated = replace(data, models=models, metrics={**data.metrics, **CALIBRATED})
    text = join(generalised_section(calibrated)).text
    lines = re.findall(r"<polyline[^>]*><title>(.*?)</title>", text)
    assert lines == ["DeViSE", "Random vectors", "ConSE", "EXEM", "ESZSL", "DGP"]
    seen, unseen = (100 * data.metrics[f"devise/{end}"] for end in (SEEN, UNSEEN))
    plain = f"{seen:.1f} % of seen and {unseen:.1f} % of unseen"
    assert f"DeViSE: {plain} without a penalty, 50.0 % of seen and 40.0 % of unseen with" in text
    assert f"DeViSE, without a penalty: {plain}</title>" in text
    assert "a dot where the chosen penalty puts it" in text


def test_without_a_curve_none_is_drawn(data: ReportData) -> None:
    text = join(generalised_section(replace(data, curves=no_curves()))).text
    assert "<svg" not in text
    assert "<table" in text


def test_without_a_zero_shot_set_a_sentence_stands_there(data: ReportData) -> None:
    text = join(generalised_section(replace(data, sets=data.sets[:1]))).text
    assert "No class was held out of training" in text
