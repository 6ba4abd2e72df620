import re
from dataclasses import replace

import numpy as np

from components.draw_report.branches import Branch
from components.draw_report.data import ReportData
from components.draw_report.page import report_page
from components.draw_report.sections.label_map import branch_names, mapped_labels, name_spot


def test_every_label_with_a_vector_has_one_place_on_the_map_and_a_link_to_it(
    data: ReportData, page: str
) -> None:
    places = re.findall(r'id="at-(n\d{8})"', page)
    assert sorted(places) == mapped_labels(data)
    assert sorted(re.findall(r'href="#at-(n\d{8})"', page)) == mapped_labels(data)
    assert len(places) == 5
    assert "2 labels have no vector" in page


def test_the_map_is_the_same_each_time(data: ReportData, page: str) -> None:
    assert report_page(data) == page


def test_a_map_of_too_few_labels_is_left_out_with_a_sentence(data: ReportData) -> None:
    space = data.artifacts.space
    labels = space.labels.assign(target_row=[0, *[-1] * (len(space.labels) - 1)])
    few = replace(data.artifacts, space=replace(space, labels=labels))
    assert "too few for a map" in report_page(replace(data, artifacts=few))


def test_branches_are_named_by_their_synset(data: ReportData) -> None:
    groups = [Branch("n1", ("a",), False), Branch("n1", ("b",), True), Branch("", ("c",), False)]
    groups.append(Branch("n2", ("d",), False))
    names = branch_names(groups, {"n1": "dog"}, {"d": "teapot"})
    assert names == ["dog", "other dog", "outside the hierarchy", "teapot and its like"]


def test_the_map_says_whether_the_vectors_were_told_of_the_hierarchy(
    data: ReportData, page: str
) -> None:
    assert "which the vectors were never told of" in page
    told = {**data.artifacts.label_space, "retrofitting": 0.5}
    shown = report_page(replace(data, artifacts=replace(data.artifacts, label_space=told)))
    assert "towards which they were drawn" in shown
    assert "never told of" not in shown


def test_a_name_stands_where_it_hides_the_fewest_points() -> None:
    own = np.array([[200.0, 240.0], [205.0, 220.0], [210.0, 200.0]])
    # Above the middle one it would lie on the topmost.
    assert name_spot(own, 30.0, own, [])[:2] == (210.0, 200.0)
    alone = np.array([[200.0, 340.0], [205.0, 220.0], [210.0, 100.0]])
    assert name_spot(alone, 30.0, alone, [])[:2] == (205.0, 220.0)


def test_a_name_does_not_stand_on_another() -> None:
    own = np.array([[200.0, 340.0], [205.0, 220.0], [210.0, 100.0]])
    taken = [(205.0, 215.0, 40.0)]
    assert name_spot(own, 30.0, own, taken)[:2] != (205.0, 220.0)
