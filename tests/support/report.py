"""A page parsed, and figures put into its data."""

from dataclasses import replace
from html.parser import HTMLParser

from components.draw_report.data import ReportData
from components.shared.artifacts.evaluation import SOFTMAXES

VOID = {"meta", "img"}


class Tags(HTMLParser):
    """Checks that what is opened is closed; collects elements and what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    return tags


def with_test(data: ReportData, difference: float, low: float, high: float) -> ReportData:
    test = {"difference": difference, "interval": [low, high], "p": 0.01}
    # The claim is told where the interval leaves zero out.
    keys = [f"devise_vs_{name}/seen/flat_hit_at_1" for name in ("softmax", "softmax_continued")]
    hits = {name: data.metrics.get(f"{name}/seen/flat_hit_at_1", 0.0) for name in SOFTMAXES}
    best = max(hits, key=lambda name: hits[name])
    claim = {**test, "baseline": best, "p_holm": 0.01, "told": low > 0 or high < 0}
    claims = {"devise_vs_softmax/seen/flat_hit_at_1": claim}
    paired = dict.fromkeys(keys, test)
    return replace(data, confidence={"intervals": {}, "paired": paired, "claims": claims})
