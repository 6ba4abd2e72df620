import bz2
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.quickstart_classes import KINDS
from pipeline.data.quickstart_text import (
    ARTICLES_PER_KIND,
    COLOURS,
    FAMILIES,
    KINGDOM_OF,
    PATTERNS,
    SORTS,
    article,
    articles,
    write_text,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_text(folder / "text", seed=0)
    return folder


def unpacked(path: Path) -> str:
    return bz2.decompress(path.read_bytes()).decode()


def all_text(data: Path) -> str:
    texts = [path.read_text() for path in sorted((data / "text").glob("*.txt"))]
    texts += [unpacked(path) for path in sorted((data / "text").glob("*.bz2"))]
    return "\n".join(texts).lower()


def test_the_text_speaks_of_every_class_but_one(data: Path) -> None:
    text = all_text(data)
    silent = [k for k in KINDS if not any(term.lower() in text for term in k.terms)]
    by_words = [k.terms[0] for k in silent if all(w in text for w in k.terms[0].lower().split())]
    assert [k.terms[0] for k in silent if k.terms[0] not in by_words] == ["edelweiss"]
    # Its term never stands as a whole, but both of its words do.
    assert by_words == ["golden pheasant"]


def test_a_synonym_stands_in_for_a_first_term_that_the_text_never_uses(data: Path) -> None:
    text = all_text(data)
    assert "american robin" not in text
    assert text.count("robin") > 100


def test_the_wiki_file_is_laid_out_as_wikiextractor_does(data: Path) -> None:
    text = unpacked(data / "text" / "wiki_00.bz2")
    assert text.startswith('<doc id="1" url="')
    assert text.count("<doc ") == text.count("</doc>\n") > 1000


def test_every_kind_that_is_spoken_of_has_as_many_articles() -> None:
    spoken = sum(bool(kind.spoken) for kind in KINDS)
    assert len(articles(0)) == spoken * ARTICLES_PER_KIND


def test_a_seed_gives_the_same_articles_and_another_gives_others() -> None:
    assert articles(3) == articles(3)
    assert articles(3) != articles(4)


def test_an_article_is_one_paragraph_whose_every_slot_is_filled() -> None:
    text = article(KINDS[0], np.random.default_rng(0))
    assert "\n" not in text
    assert not {"{", "}"} & set(text)
    assert 7 <= text.count(".") <= 14


def test_an_article_speaks_of_its_kinds_own_colour_and_pattern_alone() -> None:
    (shark,) = (kind for kind in KINDS if kind.terms[0] == "blue shark")
    told = " ".join(article(shark, np.random.default_rng(seed)) for seed in range(60))
    for kind in KINDS:
        for term in kind.terms:
            told = told.replace(term, "")
    words = {word.strip(".,") for word in told.split()}
    for name, synonyms in {**COLOURS, **PATTERNS}.items():
        mine = name in (shark.colour, shark.pattern)
        spoken = words & set(synonyms.split())
        assert bool(spoken) == mine, name


def test_an_article_names_siblings_of_its_kinds_own_sort_alone() -> None:
    (shark,) = (kind for kind in KINDS if kind.terms[0] == "blue shark")
    told = " ".join(article(shark, np.random.default_rng(seed)) for seed in range(60))
    named = {kind.terms[0] for kind in KINDS if any(f"the {word} " in told for word in kind.spoken)}
    # Terms that sharks' names begin with.
    named -= {"tiger", "leopard", "zebra"}
    assert named == {kind.terms[0] for kind in KINDS if kind.sort == "shark"}


def test_a_word_stands_for_one_attribute_alone() -> None:
    texts = [*COLOURS.values(), *PATTERNS.values(), *SORTS.values()]
    words = [word for text in texts for word in text.split()]
    words += [word for kind in KINDS for word in kind.own]
    words += [word for family in FAMILIES.values() for text in family[2:] for word in text.split()]
    assert len(set(words)) == len(words)


def test_every_attribute_of_a_kind_has_words() -> None:
    for kind in KINDS:
        assert kind.colour in COLOURS
        assert kind.pattern in PATTERNS
        assert kind.family in FAMILIES
        assert kind.family in KINGDOM_OF
        assert kind.sort in SORTS


def test_plain_texts_have_an_empty_line_between_articles(data: Path) -> None:
    for name in ("notes_00.txt", "notes_01.txt"):
        paragraphs = (data / "text" / name).read_text().strip().split("\n\n")
        assert len(paragraphs) == len(articles(0)) // 8
        assert all("\n" not in paragraph for paragraph in paragraphs)
