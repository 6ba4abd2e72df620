from dataclasses import replace

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.sections.distances import hops_of_first, mean_hops_of_errors


def test_hops_are_those_from_the_true_label_to_the_first_prediction(data: ReportData) -> None:
    seen = data.candidates("seen")
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = [*(["n00000001"] * 19), None]
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    truth = data.frame["wnid"][seen.images].tolist()
    expected = {"n00000001": 0, "n00000002": 4, "n00000003": 2, "n00000004": 4}
    assert hops_of_first(chosen, seen)["devise"] == [
        *(expected[label] for label in truth[:19]), None
    ]  # fmt: skip


def test_right_answers_and_none_are_no_errors_of_so_many_hops() -> None:
    assert mean_hops_of_errors([0, None, 2, 4]) == 3
    assert mean_hops_of_errors([0, None]) is None
