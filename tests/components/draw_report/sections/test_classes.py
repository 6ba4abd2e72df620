from dataclasses import replace

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.classes import class_scores, classes_section
from components.shared.artifacts.candidate_sets import CandidateSet


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


def test_hits_beyond_the_labels_there_are_order_no_class_and_are_not_shown(
    data: ReportData,
) -> None:
    seen = data.candidates("seen")
    wnids = data.frame["wnid"][seen.images].to_numpy()
    rankings = np.full((20, 20), None, dtype=object)
    # One class is always found second, another sometimes first and else nowhere.
    rankings[:, 0] = "n00000001"
    rankings[:, 1] = np.where(wnids == "n00000002", wnids, None)
    rankings[np.flatnonzero(wnids == "n00000003")[0], 0] = "n00000003"
    few = replace(data, answers={**data.answers, ("devise", "seen"): rankings})
    more = replace(seen, members=(*seen.members, "n90000001"))
    enough = replace(few, sets=[more if one is seen else one for one in data.sets])

    def order(shown: ReportData, candidates: CandidateSet) -> list[str]:
        return [one.wnid for one in class_scores(shown, candidates)]

    assert order(few, seen)[1] == "n00000003"
    assert order(enough, more)[1] == "n00000002"
    texts = [join(classes_section(one)).text.partition("Zero-shot")[0] for one in (few, enough)]
    assert ["5 / 5" in text for text in texts] == [True, True], "the first labels of one class"
    assert ["100 %" in text for text in texts] == [False, True]
