"""Parameters of the report."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ReportConfig:
    """What the report shows.

    Attributes:
        gallery_images: test images shown with the first labels of every model.
        seed: of the gallery's draw, and of the map of the labels.
    """

    prefix: ClassVar[str] = "report"

    gallery_images: int = 24
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a count of which nothing can be drawn."""
        if self.gallery_images < 0:
            raise ValueError(f"report_gallery_images is {self.gallery_images}: give 0 or more.")
