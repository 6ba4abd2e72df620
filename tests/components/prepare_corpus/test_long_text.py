import io

import pytest

from components.prepare_corpus import long_text
from components.prepare_corpus.long_text import cut, pieces
from components.shared.artifacts.terms import tokenise
from components.shared.storage.lines import buffered, text_lines


def cut_up(text: str, longest: int = 8) -> list[str]:
    return list(pieces("a.txt", text_lines("a.txt", buffered(io.BytesIO(text.encode())), longest)))


def test_short_lines_stay_as_they_are_without_the_space_around_them() -> None:
    assert cut_up(" one \n\ntwo\n") == ["one", "", "two"]


def test_a_long_line_is_cut_between_words_and_nothing_is_lost() -> None:
    text = "one two three four, five six"
    assert " ".join(cut_up(text)) == text
    assert max(map(len, cut_up(text))) <= 16


def test_the_space_at_the_end_of_a_long_line_is_no_blank_line() -> None:
    assert cut_up("one two three     \nfour") == ["one two", "three", "four"]


@pytest.mark.parametrize(
    "text",
    [
        "हिन्दी में किताबें पढ़ते हैं लोग, और समुद्र में शार्क",
        "किताबें।पढ़ते।हिन्दी।शार्क।लोग",
        "the dog's coup d'état won't do, it doesn’t",
        "don't,won't,can't,d'état,it’s",
        "می\u200cخواهم،می\u200cروم،نمی\u200cشود",
        "鲨鱼在海里游泳。猫在家里。狗在外面跑。",
    ],
)
def test_no_word_of_a_long_line_is_cut(text: str) -> None:
    found = cut_up(text, longest=10)
    assert len(found) > 1
    assert [token for piece in found for token in tokenise(piece)] == tokenise(text)


def test_letters_without_end_are_no_text() -> None:
    with pytest.raises(
        ValueError, match=r"a\.txt, line 2: 8 letters follow each other without a sp"
    ):
        cut_up("a\n" + "x" * 30)


def test_an_article_of_too_many_paragraphs_is_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_text, "LONGEST_PIECE", 5)
    assert list(cut(["abc", "def", "g"])) == [["abc", "def"], ["g"]]
    assert list(cut([])) == []
