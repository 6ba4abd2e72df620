import pytest
from support.experiment import Experiment, evaluated

from components.draw_report.data import Inputs, ReportData, read_report_data
from components.draw_report.page import report_page
from components.shared.settings.report import ReportSettings


@pytest.fixture(scope="session")
def inputs(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return evaluated(experiment, tmp_path_factory.mktemp("report") / "evaluation")


@pytest.fixture(scope="session")
def data(inputs: Inputs) -> ReportData:
    return read_report_data(ReportSettings(gallery_images=8), inputs, {})


@pytest.fixture(scope="session")
def page(data: ReportData) -> str:
    return report_page(data)
