from dataclasses import replace

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.model_card import model_card_section


def test_the_card_says_what_the_model_was_made_from_and_is_for(data: ReportData) -> None:
    text = join(model_card_section(data)).text
    for title in ("Trained on", "Meant for", "Not meant for", "Measured", "Gets wrong"):
        assert f"<dt>{title}</dt>" in text
    assert "8 images of 4 seen classes" in text
    assert "7 labels; 2 of them without a vector" in text


def test_what_it_gets_wrong_is_measured(data: ReportData) -> None:
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = "n00000004"
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    text = join(model_card_section(chosen)).text
    assert "15 of 20 test images of seen classes have another class" in text
    assert "crane (heron) for tiger shark (5)" in text
    assert "right first for 0.0 % of 5 images" in text, "of four labels five are never ranked"


def test_without_a_mistake_none_is_claimed(data: ReportData) -> None:
    seen = data.candidates("seen")
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = data.frame["wnid"][seen.images]
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    assert "No test image of the seen classes had a wrong" in join(model_card_section(chosen)).text
