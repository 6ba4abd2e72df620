import os

from components.shared.storage.names import is_named, named

LATIN_1 = os.fsdecode(b"caf\xe9.jpg")


def test_a_name_that_is_no_utf_8_is_written_out() -> None:
    assert named(LATIN_1) == r"caf\udce9.jpg"
    assert not is_named(LATIN_1)


def test_control_characters_are_written_out() -> None:
    assert named("a\x1b[31m\nb") == r"a\x1b[31m\nb"


def test_letters_of_all_scripts_stay_as_they_are() -> None:
    name = "Käse/केला (1).jpg"
    assert named(name) == name
    assert is_named(name)
