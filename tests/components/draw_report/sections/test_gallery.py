import re
from dataclasses import replace
from pathlib import Path

import pytest

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.gallery import (
    ANSWERS,
    ORDERS,
    drawn_images,
    gallery_section,
    shown_models,
)


def test_a_card_opens_with_the_final_models_and_keeps_the_others_behind_a_click() -> None:
    few = ["softmax", "devise", "random", "conse"]
    assert shown_models(few) == (few, [])
    many = ["softmax", "devise", "devise_phase_1", "devise_best", "devise_l2", "random", "conse"]
    assert shown_models(many) == ([m for m in many if m != "devise_phase_1"], ["devise_phase_1"])


def test_the_gallery_shows_seen_and_zero_shot_images_drawn_by_the_seed(data: ReportData) -> None:
    drawn = drawn_images(data)
    assert [(one.name, len(places)) for one, places in drawn] == [("seen", 4), ("unseen", 4)]
    assert drawn_images(data) == drawn
    others = [drawn_images(replace(data, seed=seed)) for seed in (1, 2, 3)]
    assert any(other != drawn for other in others)


def test_the_gallery_marks_the_true_label(page: str) -> None:
    assert re.search(
        r'<li class="true" title="n\d{8}">(<data[^>]*>[^<]*</data>)?<span class="sign">✓</span>',
        page,
    )


def test_a_gallery_larger_than_the_test_set_shows_every_image_once(data: ReportData) -> None:
    drawn = drawn_images(replace(data, gallery_images=1000))
    assert [places for _, places in drawn] == [list(range(20)), list(range(15))]


def test_a_card_carries_what_it_is_filtered_and_sorted_by(data: ReportData, page: str) -> None:
    cards = re.findall(
        r'<article data-set="(\w+)" data-answer="(\w+)" data-cosine="([-.\d]+)"', page
    )
    expected = [
        (one.name, first == truth, cosine)
        for one, places in drawn_images(data)
        for truth, first, cosine in zip(
            data.frame["wnid"][one.images].to_numpy()[places],
            data.answers["devise", one.name][places, 0],
            data.cosines["devise", one.name][places, 0],
            strict=True,
        )
    ]
    assert [(name, answer == "right") for name, answer, _ in cards] == [
        (name, right) for name, right, _ in expected
    ]
    assert [float(shown) for *_, shown in cards] == [
        pytest.approx(cosine, abs=6e-4) for *_, cosine in expected
    ]


def test_the_script_knows_every_choice_that_the_controls_offer(project: Path) -> None:
    script = (project / "components" / "draw_report" / "gallery.js").read_text()
    assert all(f"{order}:" in script for order in ORDERS)
    assert all(answer in ("all", "right", "wrong") for answer in ANSWERS)


def test_labels_show_their_cosine_and_those_of_the_softmax_none(data: ReportData) -> None:
    text = join(gallery_section(data)).text
    lists = re.findall(r"</i>([^<]+)</h4><ol>(.*?)</ol>", text)
    assert all("<data" not in shown for name, shown in lists if name.startswith("Softmax"))
    assert all(
        shown.count("<li") == shown.count("<data") for name, shown in lists if name == "DeViSE"
    )
    assert re.search(r'<data value="0\.(\d\d)\d">\.\d\d</data>', text)
