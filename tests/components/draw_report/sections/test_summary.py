from support.report import with_test

from components.draw_report.data import ReportData
from components.draw_report.sections.summary import sentences


def test_the_summary_is_three_sentences_of_figures(data: ReportData):
    three = sentences(data)
    assert len(three) == 3
    assert "20 test images of the 4 classes" in three[0]
    assert "the right one of 3" in three[2]


def test_the_summary_claims_a_difference_only_where_the_interval_leaves_zero_out(data: ReportData):
    above, below, open_ = ((0.02, 0.01, 0.03), (-0.02, -0.03, -0.01), (0.02, -0.01, 0.05))
    assert "2.0 points above the softmax" in sentences(with_test(data, *above))[0]
    assert "2.0 points below the softmax" in sentences(with_test(data, *below))[0]
    undecided = sentences(with_test(data, *open_))[0]
    assert "do not tell apart from the softmax" in undecided
    assert "points above" not in undecided
    assert "points below" not in undecided
