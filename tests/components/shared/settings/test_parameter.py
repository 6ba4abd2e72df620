import pytest
from pydantic import BaseModel

from components.shared.settings.parameter import (
    STRICT,
    Texts,
    address,
    address_role,
    determining,
    from_open_run,
    from_text,
    is_for_a_stage,
    is_settable,
    read,
    setting,
)


class Kitchen(BaseModel):
    """A group of settings."""

    model_config = STRICT

    cooks: int = setting(1, "People who cook.", 1, 3)
    heat: float = setting(0.5, "Of the oven.", 0.0, 1.0)
    larder: str = address("", "Where food comes from.")
    table: str = address("", "Where it goes.", "written")
    dishes: Texts = setting(("soup",), "What is cooked.", of_graph=True)
    guests: int = from_open_run(0, "Who came.")
    pots: int = setting(2, "At the same time on the fire.", 1, 9, of_machine=True)
    ovens: int = from_open_run(1, "How many there are.", of_machine=True)


def test_a_group_is_read_from_what_json_has() -> None:
    made = read(Kitchen, {"cooks": 2.0, "heat": 1, "dishes": ["soup", "cake"]})
    assert (made.cooks, made.heat, made.dishes) == (2, 1.0, ("soup", "cake"))
    assert type(made.cooks) is int


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cooks": 9}, "cooks is 9: allowed is from 1 to 3"),
        ({"cooks": 1.5}, "cooks is 1.5: give a whole number"),
        ({"heat": "hot"}, "heat is 'hot': give a number"),
        ({"dishes": ["soup", "soup"]}, "dishes names 'soup' twice"),
        ({"dishes": "soup"}, "dishes is 'soup': give a list of texts"),
        ({"chairs": 4}, "Kitchen has no setting 'chairs'"),
    ],
)
def test_what_is_wrong_in_a_group_is_said_in_a_sentence(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(Kitchen, values)


def test_how_the_work_is_done_determines_no_result() -> None:
    told = determining(read(Kitchen, {"pots": 5, "ovens": 2, "cooks": 3}))
    assert told == {
        "cooks": 3,
        "heat": 0.5,
        "larder": "",
        "table": "",
        "dishes": ["soup"],
        "guests": 0,
    }


def test_a_field_says_who_sets_it_who_reads_it_and_whether_it_is_an_address() -> None:
    fields = Kitchen.model_fields
    assert not is_settable(fields["guests"])
    assert not is_for_a_stage(fields["dishes"])
    roles = [address_role(fields[name]) for name in ("larder", "table", "cooks")]
    assert roles == ["read", "written", ""]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("cooks", "2", 2),
        ("cooks", "many", "many"),
        ("larder", "7", "7"),
        ("dishes", "soup, cake", ["soup", "cake"]),
        ("dishes", '["soup"]', ["soup"]),
    ],
)
def test_a_text_is_read_as_its_fields_type(name: str, text: str, value: object) -> None:
    assert from_text(Kitchen.model_fields[name], text) == value


def test_nothing_can_be_changed_once_it_is_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(Kitchen, {}).cooks = 2
