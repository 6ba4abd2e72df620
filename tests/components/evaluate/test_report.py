import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support.experiment import SEEN, UNSEEN, write_experiment

from components.evaluate.config import EvaluateConfig
from components.evaluate.evaluation import Inputs, evaluated
from components.evaluate.report.charts import Series, bar_chart, line_chart, nice_ticks
from components.evaluate.report.data import ReportData, display_names
from components.evaluate.report.distances import hops_of_first
from components.evaluate.report.gallery import drawn_images
from components.evaluate.report.markup import Markup, element
from components.evaluate.report.page import report_page
from components.evaluate.report.summary import sentences
from components.evaluate.report.tables import best_models

VOID = {"meta", "img"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    experiment = write_experiment(tmp_path_factory.mktemp("experiment"))
    return evaluated(EvaluateConfig(gallery_images=8), Inputs(**experiment.__dict__))


@pytest.fixture(scope="module")
def page(data: ReportData) -> str:
    return report_page(data)


class Tags(HTMLParser):
    """Checks that what is opened is closed; collects elements and what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    return tags


def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(page: str):
    tags = parsed(page)
    assert not {"script", "link", "iframe", "object"} & set(tags.seen)
    assert all(address.startswith(("data:image/jpeg;base64,", "#")) for address in tags.addresses)
    assert "url(" not in page
    assert "@import" not in page


def test_text_from_data_is_escaped(page: str):
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_section_is_there_once(page: str):
    anchors = re.findall(r'<section id="(\w+)"', page)
    assert anchors == [
        "summary", "comparison", "errors", "gallery", "training", "labels", "facts"
    ]  # fmt: skip


def test_the_summary_is_three_sentences_of_figures(data: ReportData):
    three = sentences(data)
    assert len(three) == 3
    assert "20 test images of the 4 classes" in three[0]
    assert "the right one of 3" in three[2]


def test_the_summary_says_which_way_a_difference_goes(data: ReportData):
    metrics = {
        **data.metrics,
        "devise/seen/hierarchical_precision_at_5": 0.3,
        "softmax/seen/hierarchical_precision_at_5": 0.4,
        "random/seen/hierarchical_precision_at_5": 0.2,
    }
    text = sentences(replace(data, metrics=metrics))[1]
    assert "25.0 % less than the softmax" in text
    assert "50.0 % more than the same network" in text


def test_equal_figures_are_all_marked_and_zeros_never(data: ReportData):
    assert best_models(data, "unseen", "flat_hit_at_20") == {"devise", "random", "conse"}
    zero = dict.fromkeys(data.metrics, 0.0)
    assert best_models(replace(data, metrics=zero), "seen", "flat_hit_at_1") == set()


def test_the_gallery_shows_seen_and_zero_shot_images_drawn_by_the_seed(data: ReportData):
    drawn = drawn_images(data)
    assert [(one.name, len(places)) for one, places in drawn] == [("seen", 4), ("unseen", 4)]
    assert drawn_images(data) == drawn
    others = [drawn_images(replace(data, seed=seed)) for seed in (1, 2, 3)]
    assert any(other != drawn for other in others)


def test_the_gallery_marks_the_true_label(page: str):
    assert re.search(r'<li class="true" title="n\d{8}"><span class="sign">✓</span>', page)


def test_a_gallery_larger_than_the_test_set_shows_every_image_once(data: ReportData):
    drawn = drawn_images(replace(data, gallery_images=1000))
    assert [places for _, places in drawn] == [list(range(20)), list(range(15))]


def test_hops_are_those_from_the_true_label_to_the_first_prediction(data: ReportData):
    seen = data.candidates("seen")
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = [*(["n00000001"] * 19), None]
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    truth = data.frame["wnid"][seen.images].tolist()
    expected = {"n00000001": 0, "n00000002": 2, "n00000003": 4, "n00000004": 4}
    assert hops_of_first(chosen, seen, "devise") == [
        *(expected[label] for label in truth[:19]), None
    ]  # fmt: skip


def test_two_labels_of_one_name_are_told_apart():
    terms = {"n1": ["crane"], "n2": ["crane", "derrick"], "n3": ["teapot", "pot"]}
    assert display_names(terms) == {"n1": "crane (n1)", "n2": "crane (derrick)", "n3": "teapot"}


def test_elements_escape_texts_and_attributes_but_not_markup():
    inner = element("b", "a & b")
    made = element("p", "<", inner, class_="x", data_name='"quoted"', gone=None)
    assert made.text == ('<p class="x" data-name="&quot;quoted&quot;">&lt;<b>a &amp; b</b></p>')
    assert element("img", alt="x") == Markup('<img alt="x">')


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.03, 0.031), (2, 2), (0, 0), (-3, 17), (1e-6, 5e-6), (12, 12345)]
)
def test_ticks_are_few_and_span_the_values(low: float, high: float):
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low <= high <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize("points", [[(1, 0.5)], [(0, 0.0), (1, 0.0)], [(0, 1), (90, 3)]])
def test_a_line_is_drawn_inside_its_chart(points: Sequence[tuple[float, float]]):
    chart = line_chart("loss", [Series("a <b>", "devise", points)], "epoch", mark=(1, "phase 2"))
    parsed(chart.text)
    assert "nan" not in chart.text
    assert "a &lt;b&gt;" in chart.text
    places = re.search(r'<polyline points="([^"]+)"', chart.text)
    assert places is not None
    numbers = [float(number) for number in re.split("[ ,]", places[1])]
    assert all(0 <= number <= 360 for number in numbers)


def test_bars_have_the_height_of_their_share():
    chart = bar_chart("errors", [Series("a", "devise", [(0, 1.0), (1, 0.5)])], ["0", "1"])
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', chart.text)]
    assert heights[1] == pytest.approx(heights[0] / 2, abs=0.1)


def test_the_names_of_both_groups_of_labels_are_known(data: ReportData):
    assert set(data.names) >= {*SEEN, *UNSEEN}


def test_the_page_is_a_file_that_can_be_opened_offline(page: str, tmp_path: Path):
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page
    assert 'name="viewport"' in page
