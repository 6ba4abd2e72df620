"""Opens what a run reads, before any stage starts, with the code of the stages that read it.

So a file that is broken or in no format that is read costs seconds and not hours. On a cluster it
is left to the stages, because open_run's image has neither their code nor what opens images; there
`components.shared.settings.preflight` alone goes before them.
"""

from collections.abc import Mapping
from typing import Any

from components.map_synsets.first_look import look_at_glosses, look_at_label_vectors
from components.pack_images.first_look import look_at_images, look_at_list
from components.prepare_corpus.first_look import look_at_text
from components.prepare_taxonomy.first_look import look_at_taxonomy
from components.shared.settings.preflight import said_of
from components.shared.settings.table import group_of
from components.shared.settings.variants import addresses_in


def look_into_inputs(values: Mapping[str, Any]) -> None:
    """Open the taxonomy, a file of each text, an image of each split, label vectors and glosses.

    Word vectors and weights made elsewhere, and lists of classes, are opened by
    `check_before_start`.

    Args:
        values: Every setting; what they name is there.

    Raises:
        ValueError: One cannot be read; parameter and file are named, with line or class.
    """
    with said_of("taxonomy_uri"):
        terms = look_at_taxonomy(group_of("taxonomy", values))
    for uri in values["corpus_uris"]:
        with said_of("corpus_uris"):
            look_at_text(uri)
    if values["labels_vectors_uri"]:
        with said_of("labels_vectors_uri"):
            look_at_label_vectors(values["labels_vectors_uri"])
    if values["labels_glosses_uri"]:
        with said_of("labels_glosses_uri"):
            look_at_glosses(values["labels_glosses_uri"])
    for uri in addresses_in(values["devise_variants"]):
        with said_of("devise_variants"):
            look_at_label_vectors(uri)
    images = group_of("images", values)
    with said_of("images_ground_truth_uri"):
        look_at_list(images)
    with said_of("images_uri"):
        look_at_images(images, terms)
