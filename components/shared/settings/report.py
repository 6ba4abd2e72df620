"""Settings of draw_report."""

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, setting
from components.shared.settings.run import SEED


class ReportSettings(BaseModel):
    """What the report shows; a change of it draws the page again and ranks nothing."""

    model_config = STRICT

    gallery_images: int = setting(24, "Test images shown in the report.", 0, 1000)
    seed: int = SEED
