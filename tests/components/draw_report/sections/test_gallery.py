import re
from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.sections.gallery import drawn_images, shown_models


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
    assert re.search(r'<li class="true" title="n\d{8}"><span class="sign">✓</span>', page)


def test_a_gallery_larger_than_the_test_set_shows_every_image_once(data: ReportData) -> None:
    drawn = drawn_images(replace(data, gallery_images=1000))
    assert [places for _, places in drawn] == [list(range(20)), list(range(15))]
