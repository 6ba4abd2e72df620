"""Settings of map_synsets."""

from typing import Literal

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, Texts, address, from_open_run, setting
from components.shared.settings.run import SEED


class LabelsSettings(BaseModel):
    """How labels get their vectors."""

    model_config = STRICT

    minimum_count: int = setting(5, "A rarer term has no vector; a synonym stands in for it.", 1)
    vectors: Literal["skipgram", "random", "random_per_synset", "random_words"] = setting(
        "skipgram",
        "The terms' word vectors; or, as baselines: 'random', each drawn (the paper's); "
        "'random_per_synset', one drawn for each synset; 'random_words', the words' drawn, and all "
        "that is made of them made as ever.",
    )
    vectors_uri: str = address(
        "",
        "Vectors of synsets made elsewhere, which stand in place of word vectors for every label: "
        "parquet (wnid, a list) or npz (wnids, vectors); empty: none.",
    )
    vectors_trained_on: Literal["none", "text", "images_and_text"] = setting(
        "none",
        "What the vectors of labels_vectors_uri were trained on; images_and_text, as CLIP's, only "
        "in a variant whose name begins with devise_saw_images.",
    )
    target: Literal["first_term", "mean_of_terms"] = setting(
        "first_term",
        "Vector of a synset: of its first term (the paper), or the mean of its terms'.",
    )
    glosses_uri: str = address(
        "",
        "What a dictionary says of synsets, added to word vectors wherever a synset has one vector "
        "(labels_target=mean_of_terms), but for random words: WordNet's data.noun, or lines of a "
        "wnid, a tab and the gloss; empty: nothing.",
    )
    glosses_weight: float = setting(
        1.0, "Weight of a gloss's vector against that of a synset's terms; 0: none.", 0.0, 100.0
    )
    retrofitting: float = setting(
        0.0,
        "Weight of a synset's neighbours in the hierarchy against its own vector; above 0 only "
        "with labels_target=mean_of_terms or labels_vectors_uri.",
        0.0,
        100.0,
    )
    centred: bool = setting(False, "Whether the seen labels' mean vector is subtracted.")
    seed: int = SEED
    zero_shot_sets: Texts = from_open_run(
        ("unseen",), "The sets of evaluate_zero_shot_sets, whose members are labels too."
    )
    dim: int = from_open_run(
        0, "Dimensions of the variant's word vectors, where they are others than the run's; 0: no."
    )
    sources: dict[str, str] = from_open_run(
        {}, "State of each list of wnids, of label vectors and of glosses, by address."
    )
