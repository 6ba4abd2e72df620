from pathlib import Path

import pytest

from components.pack_images.class_names import ClassNames

TERMS = {
    "n01440764": ("tench", "Tinca tinca"),
    "n02012849": ("crane",),
    "n03126707": ("crane",),
    "n03710637": ("maillot",),
    "n03710721": ("maillot", "tank suit"),
    "n02084071": ("dog", "domestic dog"),
    "n10114209": ("dog", "frump"),
}


@pytest.mark.parametrize(
    ("name", "wnid"),
    [
        ("n01440764", "n01440764"),
        ("tench, Tinca tinca", "n01440764"),
        ("Tinca_tinca,Tench", "n01440764"),
        ("tench", "n01440764"),
        ("maillot", "n03710637"),
        ("tank suit", "n03710721"),
    ],
)
def test_a_name_is_a_wnid_or_terms_of_one_synset(name: str, wnid: str) -> None:
    assert ClassNames(TERMS).resolve(name) == wnid


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crane", "class name 'crane' may be n02012849, n03126707 in the taxonomy: give images_gr"),
        ("dog", "'dog' may be n02084071, n10114209"),
        ("crane bird", "'crane bird' is no synset's"),
        ("tench, dog", "'tench, dog' is no synset's"),
        ("---", "'---' is no synset's"),
    ],
)
def test_a_name_that_is_unknown_or_ambiguous_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClassNames(TERMS).resolve(name)


def test_two_names_of_one_synset_are_refused() -> None:
    with pytest.raises(ValueError, match="names 'tench' and 'Tinca tinca' are both n01440764"):
        ClassNames(TERMS).resolve_all(["tench", "maillot", "Tinca tinca"])


@pytest.mark.real_data
def test_most_terms_of_the_real_1k_name_their_synsets_and_none_another(shared_data: Path) -> None:
    lines = (shared_data / "taxonomy/words.txt").read_text().splitlines()
    terms = {wnid: names.split(", ") for wnid, names in (line.split("\t") for line in lines)}
    names = ClassNames(terms)
    wnids = (shared_data / "taxonomy/1k.txt").read_text().split()
    ambiguous = []
    for wnid in wnids:
        try:
            assert names.resolve(", ".join(terms[wnid])) == wnid
        except ValueError:
            ambiguous.append(wnid)
    assert {"n02012849", "n03126707"} <= set(ambiguous)
    assert len(ambiguous) < 100
