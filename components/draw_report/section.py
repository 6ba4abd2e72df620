"""A section of the page: what it is called, where links lead to it, and what stands in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element


@dataclass(frozen=True)
class Section:
    """A section, as its module declares it.

    Attributes:
        anchor: What links to it end with, after `#`.
        title: Its name in the page's contents.
        heading: Above it.
        content: What stands in it, given the data of the report.
    """

    anchor: str
    title: str
    heading: str
    content: Callable[[ReportData], Sequence[Child]]

    def draw(self, data: ReportData) -> Markup:
        """Return the whole section."""
        return element("section", element("h2", self.heading), *self.content(data), id=self.anchor)

    def link(self) -> Markup:
        """Return its entry in the page's contents."""
        return element("a", self.title, href=f"#{self.anchor}")
