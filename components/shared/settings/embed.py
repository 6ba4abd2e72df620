"""Settings of embed_images, all of them given by those of other stages."""

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, from_open_run
from components.shared.settings.run import PRECISION, TRAINING_SEED, Precision


class EmbedSettings(BaseModel):
    """Which features of the frozen trunk are kept, and where."""

    model_config = STRICT

    views: int = from_open_run(1, "Views of each training image: the most that a model reads.")
    store_uri: str = from_open_run("", "Where the features are kept: with the packed images.")
    processes: int = from_open_run(
        0, "How many compute: as many as train the visual model.", of_machine=True
    )
    precision: Precision = PRECISION
    training_seed: int = TRAINING_SEED
