from pathlib import Path

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


def test_a_file_of_settings_stands_for_each_of_them(tmp_path: Path) -> None:
    file = tmp_path / "best.yaml"
    file.write_text("devise_margin: 0.2\ndevise_variants: []\ndevise_loss: l2\n")
    given = shown("--set", f"@{file}", "--set", "b=2")
    assert "('devise_margin=0.2', 'devise_variants=[]', 'devise_loss=l2', 'b=2')" in given
    file.write_text("- devise_margin")
    assert "holds no settings: write a line" in shown("--set", f"@{file}")
    assert "cannot be read as YAML" in shown("--set", f"@{tmp_path}/none.yaml")
