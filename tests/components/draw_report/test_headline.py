from collections.abc import Mapping, Sequence
from pathlib import Path

from components.draw_report.headline import publish


def test_the_page_is_attached_under_a_name_that_a_browser_opens(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a page")
    sent: list[tuple[str, str]] = []

    def log(metrics: Mapping[str, float], files: Sequence[str]) -> None:
        assert metrics == {}
        sent.extend((Path(file).name, Path(file).read_text()) for file in files)

    publish(tmp_path / "report", log)
    assert sent == [("report.html", "a page")]
