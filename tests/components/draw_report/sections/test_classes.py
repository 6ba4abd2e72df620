from dataclasses import replace

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.sections.classes import class_scores


def test_classes_are_ordered_by_their_share_of_hits(data: ReportData) -> None:
    seen = data.candidates("seen")
    rankings = np.full((20, 20), None, dtype=object)
    rankings[:, 0] = "n00000001"
    chosen = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    best, *others = class_scores(chosen, seen)
    assert (best.wnid, best.images, best.hits, best.first) == ("n00000001", 5, 5, 5)
    assert best.mistaken_for is None
    assert {one.hits for one in others} == {0}
    assert {one.mistaken_for for one in others} == {("n00000001", 5)}
