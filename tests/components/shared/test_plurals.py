import pytest

from components.shared.plurals import counted, verb


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 labels"), (1, "1 label"), (2, "2 labels"), (2000, "2,000 labels")]
)
def test_a_number_has_the_noun_that_goes_with_it(number: int, text: str) -> None:
    assert counted(number, "label") == text


def test_an_irregular_plural_is_given() -> None:
    assert [counted(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]
    assert [verb(n, "has", "have") for n in (0, 1, 2)] == ["have", "has", "have"]
