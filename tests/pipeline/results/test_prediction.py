from pathlib import Path

import pytest

from components.shared.ranking.labeller import Labeller
from pipeline.model import load_model
from pipeline.results.prediction import Asked, answers, as_json, as_text


@pytest.fixture(scope="module")
def model(model_run: Path) -> Labeller:
    return load_model(model_run)


def text_of(files: list[Path], model: Labeller, asked: Asked) -> str:
    return "\n".join(as_text(answer) for answer in answers(files, model, asked))


def test_each_file_is_followed_by_its_labels_and_cosines_the_best_first(
    model_run: Path, model: Labeller
) -> None:
    files = [model_run / "one.jpg", model_run / "two.jpg"]
    expected = []
    for file, ranked in zip(files, model.rank(files, k=2), strict=True):
        expected.append(str(file))
        expected += [f"  {label.cosine:6.3f}  {label.label}  ({label.wnid})" for label in ranked]
    assert text_of(files, model, Asked(top=2)).splitlines() == expected
    assert len(expected) == 6


def test_labels_of_ones_own_have_no_wnid(model_run: Path, model: Labeller) -> None:
    text = text_of([model_run / "one.jpg"], model, Asked(("teapot", "whale shark")))
    found = [line.split("  ")[-1] for line in text.splitlines()[1:]]
    assert sorted(found) == ["teapot", "whale shark"]


def test_a_label_without_training_images_is_marked(model_run: Path, model: Labeller) -> None:
    lines = text_of([model_run / "one.jpg"], model, Asked(candidates="all")).splitlines()
    marked = {line.split("(")[1] for line in lines if "(" in line}
    assert {"n00000005)  unseen", "n00000006)  unseen", "n00000004)"} < marked


def test_a_label_without_a_vector_is_refused(model_run: Path, model: Labeller) -> None:
    with pytest.raises(ValueError, match="zyzzyva"):
        list(answers([model_run / "one.jpg"], model, Asked(("zyzzyva",))))


def test_what_is_no_file_and_what_is_no_image_are_told_by_name_and_the_others_are_labelled(
    model_run: Path, model: Labeller, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    good = model_run / "one.jpg"
    files = [tmp_path / "none.jpg", good, tmp_path / "letter.txt"]
    missing, labelled, letter = answers(files, model, Asked())
    assert [labelled] == list(answers([good], model, Asked()))
    assert "none.jpg' is no file: check the path" in missing.error
    assert "letter.txt' is no image that can be read: it is none of JPEG" in letter.error
    assert as_json(letter, model) == {"image": str(files[2]), "error": letter.error}


def test_answers_come_as_they_are_made_whatever_their_number(
    model_run: Path, model: Labeller, tmp_path: Path
) -> None:
    files = [model_run / "one.jpg"] * 33 + [tmp_path / "none.jpg"] * 33 + [model_run / "two.jpg"]
    found = list(answers(files, model, Asked(top=1)))
    assert [answer.image for answer in found] == [str(file) for file in files]
    assert [bool(answer.labels) for answer in found] == [True] * 33 + [False] * 33 + [True]


def test_json_has_of_each_label_its_synset_and_of_the_image_the_nearest_words(
    model_run: Path, model: Labeller
) -> None:
    file = model_run / "one.jpg"
    (answer,) = answers([file], model, Asked(candidates="all", words=3))
    found = as_json(answer, model)
    (crane,) = (label for label in found["labels"] if label["wnid"] == "n00000002")
    assert crane == {
        "label": "crane",
        "wnid": "n00000002",
        "seen": True,
        "cosine": pytest.approx(crane["cosine"]),
        "synset": ["crane", "heron"],
    }
    words = [(near["word"], near["cosine"]) for near in found["nearest_words"]]
    assert words == [(near.word, near.cosine) for near in model.nearest_words([file], 3)[0]]


def test_what_a_terminal_would_obey_is_written_out(
    model_run: Path, model: Labeller, tmp_path: Path
) -> None:
    image = tmp_path / "\x1b[2J.jpg"
    image.write_bytes((model_run / "one.jpg").read_bytes())
    text = text_of([image], model, Asked(("teapot\x07",)))
    assert text.splitlines()[0] == rf"{tmp_path}/\x1b[2J.jpg"
    assert r"teapot\x07" in text
