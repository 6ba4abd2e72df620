from pathlib import Path

import numpy as np
import pytest

from components.shared.artifacts.answers import AnswersWriter, names_in, read_answers
from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.ranking.packed import Key, Names, Packed, unpacked

DEVISE: Key = ("devise", "seen")


def packed(images: range) -> Packed:
    places = np.array([[image, -1] for image in images], np.int16)
    return Packed(places, -places, places.astype(np.float32) / 3)


def write_part(folder: Path, part: range, images: int, chunk: int = 2) -> Path:
    """One model's answers to every image of a part, some at a time."""
    writer = AnswersWriter(folder, {"seen": len(part)})
    for first in range(part.start, part.stop, chunk):
        writer.write({DEVISE: packed(range(first, min(first + chunk, part.stop)))})
    writer.finish(part, images, {("devise_b", "seen"): DEVISE}, {"torch": "2"})
    return folder


def test_the_answers_of_all_parts_come_in_the_order_of_the_images(tmp_path: Path) -> None:
    parts = [range(3), range(3, 3), range(3, 8)]
    folders = [write_part(tmp_path / str(part), part, 8) for part in parts]
    found_again = read_answers(folders[::-1], 8)
    answers = found_again.rankings
    assert set(answers) == {DEVISE, ("devise_b", "seen")}
    for found in answers.values():
        assert found.places.dtype == found.cosines.dtype == np.int16
        assert np.array_equal(found.places, packed(range(8)).places)
        assert np.array_equal(found.cosines, packed(range(8)).cosines)
        assert found.scores is not None
        assert np.array_equal(found.scores, found.places.astype(np.float32) / 3)
    assert found_again.versions == {"torch": "2"}


def test_whether_there_is_an_answer_is_told_without_reading_any(tmp_path: Path) -> None:
    folder = write_part(tmp_path / "part", range(3), 3)
    answers = read_answers([folder], 3).rankings
    for file in folder.glob("*/*.npy"):
        file.unlink()
    assert DEVISE in answers
    assert DEVISE in unpacked(answers, Names([]))
    assert ("conse", "seen") not in answers


def test_a_part_is_the_same_file_by_file_however_its_answers_come(tmp_path: Path) -> None:
    one, two = (write_part(tmp_path / str(size), range(5), 5, size) for size in (1, 5))
    for file in one.rglob("*.*"):
        assert file.read_bytes() == (two / file.relative_to(one)).read_bytes()


def test_what_a_killed_writer_left_is_no_part_of_the_answers(tmp_path: Path) -> None:
    AnswersWriter(tmp_path / "part", {"seen": 5}).write({DEVISE: packed(range(2))})
    answers = read_answers([write_part(tmp_path / "part", range(5), 5)], 5).rankings
    assert np.array_equal(answers[DEVISE].places, packed(range(5)).places)


@pytest.mark.parametrize("parts", [[range(3)], [range(3), range(4, 8)], [range(8), range(3, 8)]])
def test_parts_that_are_not_those_of_all_images_are_refused(
    tmp_path: Path, parts: list[range]
) -> None:
    folders = [write_part(tmp_path / str(part), part, 8) for part in parts]
    with pytest.raises(ValueError, match="There are 8 test images, and answers to those from 0 to"):
        read_answers(folders, 8)


def test_the_answers_to_other_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There are 9 test images"):
        read_answers([write_part(tmp_path / "part", range(8), 8)], 9)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"answers\.json is missing: give the output folder of"):
        read_answers([tmp_path], 8)


def test_every_wnid_of_a_set_has_a_number() -> None:
    sets = [
        CandidateSet(name, name, wnids, frozenset(wnids), np.ones(1, bool))
        for name, wnids in {"seen": ("n2", "n1"), "unseen": ("n3", "n1")}.items()
    ]
    assert names_in(sets).wnids == ("n1", "n2", "n3")
