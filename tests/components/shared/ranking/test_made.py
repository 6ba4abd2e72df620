import pytest

from components.shared.ranking.made import Made


def test_a_value_is_made_each_time_it_is_asked_for_and_at_no_other() -> None:
    asked: list[str] = []

    def length(key: str) -> int:
        asked.append(key)
        return len(key)

    lengths = Made(["one", "three", "one"], length)
    assert (list(lengths), len(lengths), "one" in lengths) == (["one", "three"], 2, True)
    assert asked == []
    assert (lengths["three"], lengths["one"], lengths["one"]) == (5, 3, 3)
    assert asked == ["three", "one", "one"]


def test_what_there_is_not_is_not_made() -> None:
    lengths = Made(["one"], len)
    assert "two" not in lengths
    assert lengths.get("two") is None
    with pytest.raises(KeyError):
        lengths["two"]
