import click
from click.testing import CliRunner

from pipeline.commands.options import examples, takes_image_names, takes_values, together


@click.command(epilog=examples("python pipeline.py try --tag 1.0 \\", "    --set a=1"))
@takes_values
@takes_image_names
def command(**given: object) -> None:
    """Try the options."""
    print(given)


def shown(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments).output


def test_a_setting_may_be_given_many_times() -> None:
    assert "'set': ('a=1', 'b=2')" in shown("--set", "a=1", "--set", "b=2")


def test_the_defaults_are_the_quickstart_and_the_images_of_this_folders_code() -> None:
    expected = {"preset": "quickstart", "set": (), "registry": "", "tag": ""}
    assert shown() == f"{expected}\n"


def test_examples_keep_their_lines() -> None:
    assert shown("--help").endswith("--tag 1.0 \\\n        --set a=1\n")


def test_options_are_shown_in_the_order_in_which_they_are_given() -> None:
    two = together(click.option("--one"), click.option("--two"))(lambda **_: None)
    assert [option.name for option in click.command(two).params] == ["one", "two"]
