from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.method import method_section
from components.shared.artifacts.model_names import name_of


def test_the_drawing_shows_an_image_of_the_run_and_the_labels_it_got(data: ReportData) -> None:
    text = join(method_section(data)).text
    drawing = text[text.index("<svg") : text.index("</svg>")]
    assert "data:image/jpeg;base64," in drawing
    for part in ("Visual model", "Projection M", "Language model", "Space of word vectors"):
        assert part in drawing
    assert any(f"1. {name}" in drawing for name in data.names.values())


def test_every_measure_and_model_of_the_run_is_explained_once(data: ReportData) -> None:
    text = join(method_section(data)).text
    for term in ("hit@k", "Hierarchical precision@k", "Softmax, trained on", "ConSE", "Phase 1"):
        assert text.count(f"<dt>{term}</dt>") == 1
    assert "10 most probable classes" in text


def test_baselines_are_explained_where_the_run_has_them(data: ReportData) -> None:
    baselines = ("softmax_hierarchy", "conse_hierarchy", "exem", "eszsl", "dgp")
    there = replace(data, models=("softmax", "devise", *baselines))
    text, without = (
        join(method_section(one)).text for one in (there, replace(there, models=there.models[:2]))
    )
    for model in baselines:
        term = f"<dt>{name_of(model)}</dt>"
        assert (text.count(term), without.count(term)) == (1, 0)
