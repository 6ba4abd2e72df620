import pytest

from components.shared.settings.table import PARAMETERS
from pipeline.cli import main


def test_every_parameter_is_listed_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parameters"]) == 0
    shown = capsys.readouterr().out
    assert "\n  devise_margin = 0.1\n" in shown
    assert all(f"\n  {name} = " in shown for name in PARAMETERS)
