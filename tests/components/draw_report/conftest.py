import pytest
from support.experiment import evaluated, write_experiment

from components.draw_report.data import Inputs, ReportData, read_report_data
from components.draw_report.page import report_page
from components.shared.settings.report import ReportSettings


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("experiment")
    return evaluated(write_experiment(folder), folder / "evaluation")


@pytest.fixture(scope="session")
def data(inputs: Inputs) -> ReportData:
    return read_report_data(ReportSettings(gallery_images=8), inputs, {})


@pytest.fixture(scope="session")
def page(data: ReportData) -> str:
    return report_page(data)
