from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.fasttext import save_facebook_model
from gensim.test.utils import datapath
from support.settings import unchecked

from components.shared.settings.skipgram import SkipgramSettings
from components.train_skipgram.pretrained import (
    Pretrained,
    take_pretrained,
    term_of,
    zipf_count,
)

LABELS = {"great_white_shark", "new_york", "unicorn", "crane"}


def _take(tmp_path: Path, names: list[str], size: int = 0, labels: set[str] = LABELS) -> Pretrained:
    lines = [f"{name} {place} 1\n" for place, name in enumerate(names, 1)]
    (tmp_path / "v").write_text("".join(lines))
    config = unchecked(
        SkipgramSettings, dim=2, vocabulary_size=size, pretrained_uri=str(tmp_path / "v")
    )
    return take_pretrained(config, labels, tmp_path)


def _places(found: Pretrained) -> dict[str, int]:
    """The entry that each term's vector is from."""
    return {t: int(v[0]) for t, v in zip(found.vocabulary, found.vectors, strict=True)}


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("Great_White_Shark", "great_white_shark"),
        ("great-white shark", "great_white_shark"),
        ("U.S.", "u_s"),
        ("crème", "creme"),
        ("</s>", None),
        ("<unk>", None),
        (",", None),
        ("###", None),
        ("_", None),
    ],
)
def test_names_become_terms_by_the_normalisation_of_all_text(name: str, term: str | None) -> None:
    assert term_of(name.encode()) == term


def test_a_name_that_is_no_utf_8_has_no_term() -> None:
    assert term_of(b"caf\xe9\xff") is None


def test_of_several_entries_the_one_written_like_the_term_is_taken(tmp_path: Path) -> None:
    names = ["Crane", "New_York", "CRANE", "crane", "New-York", "new_york", "NEW_YORK"]
    found = _take(tmp_path, names)
    assert _places(found) == {"crane": 4, "new_york": 6}
    assert (found.entries, found.merged) == (7, 5)


def test_without_such_a_one_the_most_frequent_is_taken(tmp_path: Path) -> None:
    found = _take(tmp_path, ["New-York", "Great_White_Shark", "GREAT_WHITE_SHARK", "NEW_YORK"])
    assert _places(found) == {"new_york": 1, "great_white_shark": 2}


def test_the_size_limits_the_terms_beside_the_labels(tmp_path: Path) -> None:
    names = ["the", "The", "of", "New_York", "shark", "crane"]
    found = _take(tmp_path, names, size=2)
    assert list(found.vocabulary) == ["the", "of", "new_york", "crane"]
    assert set(found.known) == {"the", "of", "new_york", "shark", "crane"}


def test_a_term_that_was_not_kept_stays_out_when_it_comes_again(tmp_path: Path) -> None:
    found = _take(tmp_path, ["the", "Shark", "shark", "crane"], size=1)
    assert list(found.vocabulary) == ["the", "crane"]


def test_entries_without_a_term_are_left_out_and_counted(tmp_path: Path) -> None:
    found = _take(tmp_path, ["</s>", ",", "crane", "###"])
    assert (list(found.vocabulary), found.entries, found.without_term) == (["crane"], 4, 3)


def test_a_vector_of_zeros_is_none_and_counted(tmp_path: Path) -> None:
    lines = ["the 0 0", "crane 0 0", "New-York 0 0", "new_york 0 1", "Crane -0 0", "unicorn 1 0"]
    (tmp_path / "v").write_text("\n".join(lines) + "\n")
    config = unchecked(SkipgramSettings, dim=2, pretrained_uri=str(tmp_path / "v"))
    found = take_pretrained(config, LABELS, tmp_path)
    assert list(found.vocabulary) == ["new_york", "unicorn"]
    assert set(found.known) == {"new_york", "unicorn"}
    assert (found.entries, found.zeros, found.merged) == (6, 4, 0)
    assert found.vectors.any(axis=1).all()


def test_counts_fall_with_the_rank_from_the_order_of_the_entries(tmp_path: Path) -> None:
    found = _take(tmp_path, ["the", "of", "New_York", "crane", "new_york"])
    assert found.vocabulary == {"the": 25, "of": 12, "new_york": 8, "crane": 6}
    assert not found.counted
    assert zipf_count(3_000_000, 3_000_000) == 5


def test_counts_of_a_file_that_has_them_are_added_up(tmp_path: Path) -> None:
    lines = [["New_York", "crane"], ["crane", "new_york"], ["crane", "New_York"], [",", "of"]]
    made = FastText(lines, vector_size=4, min_count=1, bucket=50, epochs=1, workers=1, seed=1)
    save_facebook_model(made, str(tmp_path / "v.bin"))
    config = unchecked(SkipgramSettings, dim=4, pretrained_uri=str(tmp_path / "v.bin"))
    found = take_pretrained(config, LABELS, tmp_path)
    assert found.counted
    assert found.vocabulary == {"crane": 3, "new_york": 3, "of": 1}
    row = list(found.vocabulary).index("new_york")
    np.testing.assert_allclose(found.vectors[row], made.wv["new_york"], rtol=1e-5, atol=1e-7)


def test_vectors_of_another_length_are_refused_with_the_parameter_to_set(tmp_path: Path) -> None:
    config = unchecked(SkipgramSettings, dim=300, pretrained_uri=datapath("test_glove.txt"))
    with pytest.raises(
        ValueError, match=r"50 numbers and skipgram_dim is 300: set skipgram_dim=50"
    ):
        take_pretrained(config, LABELS, tmp_path)


def test_a_file_without_any_term_of_the_taxonomy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no term of the taxonomy: check taxonomy_uri"):
        _take(tmp_path, ["der", "die", "das"])
