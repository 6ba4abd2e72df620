"""Settings of prepare_taxonomy."""

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, address, from_open_run, setting


class TaxonomySettings(BaseModel):
    """Where the synsets and their hierarchy come from."""

    model_config = STRICT

    uri: str = address(
        "",
        "Folder or s3:// prefix with the hierarchy and words.txt (wnid, tab, terms; optional where "
        "the hierarchy has terms of its own, which words.txt goes before).",
        required=True,
    )
    edges: str = setting(
        "imagenet.structure.txt",
        "The hierarchy in that folder: an edge list (with 'is_a' in its name its lines "
        "are parent, child), WordNet's data.noun, or structure_released.xml.",
        required=True,
    )
    sources: dict[str, str] = from_open_run({}, "State of each file that is read, by address.")
