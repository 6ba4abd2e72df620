import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.experiment import SEEN, UNSEEN, evaluated, write_experiment

from components.draw_report.branches import Branch
from components.draw_report.claims import paired_tests
from components.draw_report.data import (
    Inputs,
    ReportData,
    display_names,
    read_report_data,
)
from components.draw_report.drawing.charts import Axes, Series, line_chart
from components.draw_report.drawing.histogram import Histogram, histograms
from components.draw_report.drawing.markup import Markup, element
from components.draw_report.drawing.scales import nice_ticks, spread
from components.draw_report.names import colour_of, name_of
from components.draw_report.page import report_page, write_report
from components.draw_report.sections.classes import class_scores
from components.draw_report.sections.distances import hops_of_first
from components.draw_report.sections.gallery import drawn_images, shown_models
from components.draw_report.sections.label_map import branch_names, mapped_labels
from components.draw_report.sections.paired_tests import rows_of
from components.draw_report.sections.paper_rows import published_beside
from components.draw_report.sections.summary import sentences
from components.draw_report.sections.tables import best_models
from components.shared.settings.report import ReportConfig

VOID = {"meta", "img"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("experiment")
    return evaluated(write_experiment(folder), folder / "evaluation")


@pytest.fixture(scope="module")
def data(inputs: Inputs) -> ReportData:
    return read_report_data(ReportConfig(gallery_images=8), inputs, {})


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
        "summary", "comparison", "tests", "gallery", "errors", "classes", "map", "training",
        "labels", "facts",
    ]  # fmt: skip


def test_the_summary_is_three_sentences_of_figures(data: ReportData):
    three = sentences(data)
    assert len(three) == 3
    assert "20 test images of the 4 classes" in three[0]
    assert "the right one of 3" in three[2]


def with_test(data: ReportData, difference: float, low: float, high: float) -> ReportData:
    test = {"difference": difference, "interval": [low, high], "p": 0.01}
    keys = [f"devise_vs_{name}/seen/flat_hit_at_1" for name in ("softmax", "softmax_continued")]
    return replace(data, confidence={"intervals": {}, "paired": dict.fromkeys(keys, test)})


def test_the_summary_claims_a_difference_only_where_the_interval_leaves_zero_out(data: ReportData):
    above, below, open_ = ((0.02, 0.01, 0.03), (-0.02, -0.03, -0.01), (0.02, -0.01, 0.05))
    assert "2.0 points above the softmax" in sentences(with_test(data, *above))[0]
    assert "2.0 points below the softmax" in sentences(with_test(data, *below))[0]
    undecided = sentences(with_test(data, *open_))[0]
    assert "do not tell apart from the softmax" in undecided
    assert "points above" not in undecided
    assert "points below" not in undecided


def test_without_a_test_no_difference_is_claimed(data: ReportData):
    untested = replace(data, confidence=None)
    text = " ".join(sentences(untested))
    assert "the difference was not tested" in text
    assert not re.search("above|below|times chance", text)
    assert "No paired test was made" in report_page(untested)


@pytest.mark.parametrize(
    ("softmax", "continued", "said"),
    [(0.4, 0.3, "the softmax ("), (0.3, 0.4, "the softmax trained on for as long (")],
)
def test_claims_are_made_against_the_better_softmax(
    data: ReportData, softmax: float, continued: float, said: str
):
    figures = {"softmax": softmax, "softmax_continued": continued}
    metrics = {f"{model}/seen/flat_hit_at_1": figure for model, figure in figures.items()}
    better = replace(data, metrics={**data.metrics, **metrics})
    assert f"{said}40.0 %" in sentences(with_test(better, 0.1, 0.05, 0.15))[0]


def test_intervals_stand_under_their_figures(data: ReportData):
    key = "devise/seen/flat_hit_at_1"
    sure = {"intervals": {key: [0.1234, 0.5678]}, "paired": {}}
    page = report_page(replace(data, confidence=sure))
    assert "<small>12.3–56.8</small>" in page
    assert "95 % interval 12.3 to 56.8" in page


def test_paired_tests_are_marked_by_what_they_allow(data: ReportData):
    assert "▲+2.0</span><small>+1.0 … +3.0" in report_page(with_test(data, 0.02, 0.01, 0.03))
    assert '<span class="v0">+2.0</span>' in report_page(with_test(data, 0.02, -0.01, 0.05))


def test_a_contaminated_run_says_so_above_and_at_every_zero_shot_table(data: ReportData):
    page = report_page(replace(data, contaminated=True))
    assert page.count("zero_shot_contaminated") == 3
    assert "never saw" not in page
    assert "zero_shot_contaminated" not in report_page(replace(data, contaminated=False))


def test_the_papers_rows_are_there_and_marked_as_another_data_set(page: str):
    assert page.count('<tbody class="published">') == 4
    assert "Published, on another data set: ILSVRC 2012" in page


@pytest.mark.parametrize(
    ("candidates", "beside"),
    [
        ("seen", "seen"),
        ("3-hop_plus_seen", "3-hop_plus_seen"),
        ("unseen", "2-hop"),
        ("my_set_plus_seen", "2-hop_plus_seen"),
    ],
)
def test_a_set_that_was_not_published_stands_beside_the_2_hop_one(candidates: str, beside: str):
    assert {row.candidates for row in published_beside(candidates)} == {beside}


def test_models_have_names_and_colours_of_their_own():
    models = [
        "softmax", "softmax_continued", "devise", "devise_phase_1", "devise_best", "devise_l2",
        "devise_margin", "random", "conse", "conse_best",
    ]  # fmt: skip
    assert len({name_of(model) for model in models}) == len(models)
    assert len({colour_of(model, models) for model in models}) == len(models)
    assert name_of("devise_margin_phase_1") == "DeViSE, margin, phase 1"
    assert colour_of("devise_phase_1") == "k-devise light"


def test_a_card_opens_with_the_final_models_and_keeps_the_others_behind_a_click():
    few = ["softmax", "devise", "random", "conse"]
    assert shown_models(few) == (few, [])
    many = ["softmax", "devise", "devise_phase_1", "devise_best", "devise_l2", "random", "conse"]
    assert shown_models(many) == ([m for m in many if m != "devise_phase_1"], ["devise_phase_1"])


def test_every_label_with_a_vector_has_one_place_on_the_map_and_a_link_to_it(
    data: ReportData, page: str
):
    places = re.findall(r'id="at-(n\d{8})"', page)
    assert sorted(places) == mapped_labels(data)
    assert sorted(re.findall(r'href="#at-(n\d{8})"', page)) == mapped_labels(data)
    assert len(places) == 5
    assert "2 labels have no vector" in page


def test_the_map_is_the_same_each_time(data: ReportData, page: str):
    assert report_page(data) == page


def test_a_map_of_too_few_labels_is_left_out_with_a_sentence(data: ReportData):
    space = data.artifacts.space
    labels = space.labels.assign(target_row=[0, *[-1] * (len(space.labels) - 1)])
    few = replace(data.artifacts, space=replace(space, labels=labels))
    assert "too few for a map" in report_page(replace(data, artifacts=few))


def test_branches_are_named_by_their_synset(data: ReportData):
    groups = [Branch("n1", ("a",), False), Branch("n1", ("b",), True), Branch("", ("c",), False)]
    assert branch_names(groups, {"n1": "dog"}) == ["dog", "other dog", "outside the hierarchy"]


def test_classes_are_ordered_by_their_share_of_hits(data: ReportData):
    seen = data.candidates("seen")
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = "n00000001"
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    best, *others = class_scores(chosen, seen)
    assert (best.wnid, best.images, best.hits, best.first) == ("n00000001", 5, 5, 5)
    assert best.mistaken_for is None
    assert {one.hits for one in others} == {0}
    assert {one.mistaken_for for one in others} == {("n00000001", 5)}


def test_quality_of_the_vectors_is_shown_where_it_was_measured(data: ReportData, page: str):
    assert "Quality of the word vectors" not in page
    quality = {"wordsim353": {"spearman": 0.625, "pairs": 353}, "near": [["sea_lion", 0.7]]}
    space = {**data.artifacts.label_space, "quality": quality}
    shown = report_page(replace(data, artifacts=replace(data.artifacts, label_space=space)))
    assert "wordsim353: spearman</th><td>0.625</td>" in shown
    assert "sea lion" in shown


def test_equal_figures_are_all_marked_and_zeros_never(data: ReportData):
    assert best_models(data, "unseen", "flat_hit_at_20") >= {"devise", "random", "conse"}
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
    assert hops_of_first(chosen, seen)["devise"] == [
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
    chart = line_chart(
        "loss", [Series("a <b>", "k-devise", points)], Axes("epoch", "nats"), mark=(1, "phase 2")
    )
    parsed(chart.text)
    assert "nan" not in chart.text
    assert "a &lt;b&gt;" in chart.text
    places = re.search(r'<polyline points="([^"]+)"', chart.text)
    assert places is not None
    numbers = [float(number) for number in re.split("[ ,]", places[1])]
    assert all(0 <= number <= 360 for number in numbers)


def test_bars_have_the_height_of_their_share():
    chart = histograms([Histogram("a", "k-devise", [1.0, 0.5], "right")], ["0", "1"], "hops", 0)
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', chart.text)]
    assert heights[1] == pytest.approx(heights[0] / 2, abs=0.1)


def test_names_at_the_ends_of_lines_do_not_overlap():
    moved = spread([50.0, 50.0, 20.0, 51.0], 10.0, 0.0, 60.0)
    assert moved[2] == 20.0
    assert sorted(moved) == [20.0, 40.0, 50.0, 60.0]


def test_the_names_of_both_groups_of_labels_are_known(data: ReportData):
    assert set(data.names) >= {*SEEN, *UNSEEN}


def test_the_page_is_a_file_that_can_be_opened_offline(page: str, tmp_path: Path):
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page
    assert 'name="viewport"' in page


def with_variants(data: ReportData, *variants: str) -> str:
    return report_page(
        replace(data, facts={**data.facts, "parameters": {"variants": list(variants)}})
    )


def test_what_a_variant_changes_stands_below_the_tables(data: ReportData, page: str):
    assert "What the variants change" not in page
    shown = with_variants(data, "devise_l2: devise_loss=l2", "devise_again")
    assert "devise_loss = l2" in shown
    assert "nothing: the main model once more" in shown
    assert "training read the hierarchy" not in shown


def test_a_variant_that_was_shown_the_hierarchy_is_named(data: ReportData):
    shown = with_variants(
        data, "devise_best: devise_soft_label_share=0.5", "devise_l2: devise_loss=l2"
    )
    assert "DeViSE, best options: training read the hierarchy" in shown


def test_the_map_says_whether_the_vectors_were_told_of_the_hierarchy(data: ReportData, page: str):
    assert "which the vectors were never told of" in page
    told = {**data.artifacts.label_space, "retrofitting": 0.5}
    shown = report_page(replace(data, artifacts=replace(data.artifacts, label_space=told)))
    assert "towards which they were drawn" in shown
    assert "never told of" not in shown


def test_two_reports_of_one_evaluation_are_the_same_file(inputs: Inputs, tmp_path: Path):
    figures = write_report(ReportConfig(gallery_images=4), inputs, tmp_path / "one" / "report")
    write_report(ReportConfig(gallery_images=4), inputs, tmp_path / "two")
    assert (tmp_path / "one" / "report").read_bytes() == (tmp_path / "two").read_bytes()
    assert figures["report_megabytes"] == (tmp_path / "two").stat().st_size / 1e6


def test_a_negative_gallery_is_refused():
    with pytest.raises(ValueError, match="report_gallery_images is -1"):
        ReportConfig(gallery_images=-1)


def test_an_evaluation_of_other_images_is_refused(inputs: Inputs, tmp_path: Path):
    shutil.copytree(inputs.image_index, tmp_path / "index")
    index = pd.read_parquet(tmp_path / "index" / "index.parquet")
    index[index["path"] != "test/n00000001/0.JPEG"].to_parquet(tmp_path / "index" / "index.parquet")
    other = replace(inputs, image_index=tmp_path / "index")
    with pytest.raises(ValueError, match="ranked other images for 'seen'"):
        write_report(ReportConfig(), other, tmp_path / "report")


def test_without_zero_shot_sets_the_report_says_so(tmp_path: Path):
    inputs = evaluated(write_experiment(tmp_path), tmp_path / "evaluation", zero_shot_sets=())
    write_report(ReportConfig(gallery_images=0), inputs, tmp_path / "report")
    assert "No class was held out" in (tmp_path / "report").read_text()


def test_models_and_their_tests_stand_in_the_order_of_the_tables(tmp_path: Path):
    experiment = write_experiment(tmp_path, variants={"devise_z": 3, "devise_a": 1})
    data = read_report_data(ReportConfig(), evaluated(experiment, tmp_path / "evaluation"), {})
    rows = rows_of(paired_tests(data), data.candidates("seen"), data.models)
    assert list(rows) == [
        *(("devise", other) for other in ("better_softmax", "random", "conse", "devise_phase_1")),
        *(("devise_z", other) for other in
          ("better_softmax", "random", "conse", "devise_phase_1", "devise", "devise_z_phase_1",
           "conse_z")),
        *(("devise_a", other) for other in
          ("better_softmax", "random", "conse", "devise_phase_1", "devise", "devise_a_phase_1")),
    ]  # fmt: skip
    assert list(data.artifacts.variants) == ["devise_z", "devise_a"]
    trained = ["visual", "softmax_continued", "devise", "random", "devise_z", "devise_a"]
    assert list(data.artifacts.histories) == trained


def test_the_run_is_told_by_the_evaluation_and_the_seconds_by_the_stage(inputs: Inputs):
    told = {"code_version": "of the report", "stage_seconds": {"evaluate": 2.5}}
    data = read_report_data(ReportConfig(), inputs, told)
    assert data.facts["code_version"] == "of the evaluation"
    assert data.facts["stage_seconds"] == {"evaluate": 2.5}
