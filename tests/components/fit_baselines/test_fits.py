import pytest

from components.fit_baselines.fits import Fits
from components.shared.artifacts.compared import FittedBaseline


def test_what_is_left_out_is_counted_and_said_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exem = Fits({"exem": FittedBaseline("devise", "the fitted one")})
    both = exem | Fits(left_out={"dgp": "No label has a way to a vector."})
    assert both.fitted == exem.fitted
    assert both.report() == {"baselines": 1, "baselines_left_out": 1}
    said = capsys.readouterr().out
    assert "fit_baselines: dgp is left out. No label has a way to a vector." in said
    assert "exem" not in said
