import random

import pytest
from twins.joining import join_slowly

from components.prepare_corpus.joining import join_terms, term_trie


def _joined(text: str, *terms: str) -> str:
    return " ".join(join_terms(text.split(), term_trie(terms)))


def test_the_longest_term_wins() -> None:
    terms = ("white_shark", "great_white_shark", "great_white")
    assert _joined("a great white shark bites", *terms) == "a great_white_shark bites"


def test_a_longer_term_that_does_not_end_falls_back_to_the_shorter_one() -> None:
    terms = ("new_york", "new_york_stock_exchange")
    assert _joined("new york stock market", *terms) == "new_york stock market"


def test_a_broken_off_term_gives_its_tokens_back() -> None:
    assert _joined("great white great white owl", "great_white_shark", "white_owl") == (
        "great white great white_owl"
    )


def test_terms_are_taken_from_left_to_right_and_share_no_token() -> None:
    assert _joined("car park bench", "car_park", "park_bench") == "car_park bench"


def test_a_term_at_the_end_and_one_cut_off_there() -> None:
    assert _joined("the car park", "car_park") == "the car_park"
    assert _joined("the car", "car_park") == "the car"


def test_single_words_and_empty_text_stay_as_they_are() -> None:
    assert _joined("a shark", "shark") == "a shark"
    assert _joined("", "car_park") == ""


@pytest.mark.parametrize("seed", range(40))
def test_joining_equals_trying_every_term_at_every_place(seed: int) -> None:
    draw = random.Random(seed)
    alphabet = "abcd"
    terms = {"_".join(draw.choices(alphabet, k=draw.randint(2, 5))) for _ in range(20)}
    tokens = draw.choices(alphabet, k=60)
    assert join_terms(tokens, term_trie(terms)) == join_slowly(tokens, terms)
