import pytest

from components.shared.artifacts.terms import normalise_term, tokenise


@pytest.mark.parametrize(
    ("term", "normalised"),
    [
        ("Tiger shark", "tiger_shark"),
        ("St. Bernard", "st_bernard"),
        ("Steller's sea cow", "steller_sea_cow"),
        ("Steller’s sea cow", "steller_sea_cow"),
        ("Steller sea cow", "steller_sea_cow"),
        ("go-kart", "go_kart"),
        ("go kart", "go_kart"),
        ("U.S. Army", "u_s_army"),
        ("U. S. Army", "u_s_army"),
        ("W.C. Fields", "w_c_fields"),
        ("TCP/IP", "tcp_ip"),
        ("coup d'etat", "coup_d'etat"),
        ("coup d’État", "coup_d'etat"),
        ("crème brûlée", "creme_brulee"),
        ("buyers' market", "buyers_market"),
        ("jack-o'-lantern", "jack_o_lantern"),
        ("Washington, D.C.", "washington_d_c"),
        ("already_joined", "already_joined"),
        (".22", "22"),
        ("ﬁsh", "fish"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_term_is_written_as_its_tokens_joined(term: str, normalised: str) -> None:
    assert normalise_term(term) == normalised
    assert normalise_term(normalised) == normalised


def test_text_and_terms_pass_through_the_same_cuts() -> None:
    text = "The St. Bernard's bark — a Steller’s sea-cow’s, in Washington, D.C."
    assert tokenise(text) == [
        "the", "st", "bernard", "bark", "a", "steller", "sea", "cow", "in", "washington", "d", "c",
    ]  # fmt: skip


def test_ascii_and_other_text_give_the_same_tokens_for_the_same_words() -> None:
    ascii_text = "Don't say 'the dogs' tails_wag' or rock 'n' roll's over O'Neil's, it's K2."
    assert tokenise(ascii_text + " …") == tokenise(ascii_text)


def test_other_scripts_keep_their_marks_and_latin_letters_lose_theirs() -> None:
    assert tokenise("Malmö Йод λόγος 서울") == ["malmo", "йод", "λόγος", "서울"]


@pytest.mark.parametrize(
    "word",
    [
        *("केला", "किला", "कील", "काला", "सीढ़ी"),
        *("பல்", "பால்", "புல்", "பாலம்"),
        *("কলা", "কিল", "কালি", "মই"),
        *("ಬಾಳೆಹಣ್ಣು", "തേങ്ങ", "ที่", "مُحَمَّد", "שָׁלוֹם", "𑀓𑀸"),
    ],
)
def test_marks_belong_to_their_word(word: str) -> None:
    assert tokenise(f"x {word}, {word}.") == ["x", *tokenise(word) * 2]
    assert len(tokenise(word)) == 1
    assert normalise_term(normalise_term(word)) == normalise_term(word)


def test_words_that_differ_in_a_vowel_sign_alone_stay_apart() -> None:
    words = ["केला", "किला", "कील", "काला", "पल", "पाल"]
    assert len(set(map(normalise_term, words))) == len(words)


def test_signs_that_are_not_seen_are_in_no_token() -> None:
    assert tokenise("exam\u00adple क्\u200dष می\u200cخواهم \ufeffthe") == [
        "example",
        "क्ष",
        "میخواهم",
        "the",
    ]


def test_a_mark_that_makes_a_sign_of_a_digit_or_letter_leaves_it_as_it_is() -> None:
    assert tokenise("1\ufe0f\u20e3 x\u20d7 1\u0336") == ["1", "x", "1\u0336"]


def test_a_mark_without_a_letter_before_it_is_no_token() -> None:
    assert tokenise("\u093e \u0301a") == ["a"]


def test_text_without_letters_or_digits_has_no_tokens() -> None:
    assert tokenise(" -- _ ' … ") == []


def test_a_term_without_letters_or_digits_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'\?!' has no letter and no digit"):
        normalise_term("?!")
