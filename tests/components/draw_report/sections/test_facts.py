from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.facts import facts_section


def shown(data: ReportData) -> str:
    return join(facts_section(data)).text


def test_what_earlier_stages_recorded_is_written_out(data: ReportData) -> None:
    text = shown(data)
    for name, value in {
        "seen classes": "4",
        "unseen classes": "3",
        "seen test images": "20",
        "code version": "of the evaluation",
        "gallery images": "8",
        "normalise projection": "yes",
        "kind": "skipgram",
    }.items():
        assert f'<th scope="row">{name}</th><td>{value}</td>' in text


def test_a_long_list_is_only_counted(data: ReportData) -> None:
    facts = {**data.facts, "versions": {"short": ["a", "b"], "long": ["abcdefgh"] * 1000}}
    text = shown(replace(data, facts=facts))
    assert "<td>a, b</td>" in text
    assert "<td>1,000 entries</td>" in text


def test_what_variants_change_stands_elsewhere(data: ReportData) -> None:
    facts = {**data.facts, "parameters": {"variants": ["devise_l2: devise_loss=l2"]}}
    assert "devise_loss" not in shown(replace(data, facts=facts))
