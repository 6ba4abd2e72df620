"""Settings of train_skipgram: what section 3.1 of the paper says, and what it leaves open."""

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, Texts, address, from_open_run, setting
from components.shared.settings.run import SEED


class SkipgramSettings(BaseModel):
    """The language model."""

    model_config = STRICT

    dim: int = setting(
        500,
        "Dimensions of the word vectors; the paper keeps 500 and 1,000. A variant may have others.",
        1,
        4096,
    )
    window: int = setting(
        20,
        "Most words on either side that a word predicts: gensim draws each word's own window, from "
        "1 to this.",
        1,
        1000,
    )
    epochs: int = setting(1, "Passes over the corpus (the paper: one).", 1, 1000)
    minimum_count: int = setting(
        5, "Rarer words are left out; the taxonomy's terms are always kept.", 1
    )
    vocabulary_size: int = setting(
        0, "Most frequent words kept beside the taxonomy's terms; 0: all.", 0
    )
    learning_rate: float = setting(0.025, "Learning rate at the start.", 1e-6, 1.0)
    minimum_learning_rate: float = setting(0.0001, "Learning rate at the end.", 0.0, 1.0)
    subsampling: float = setting(
        0.0001, "Words more frequent than this are thinned; 0: none.", 0, 1
    )
    workers: int = setting(
        1,
        "Threads; only 1 gives the same vectors each time, more read the text themselves.",
        1,
        1024,
    )
    block_tokens: int = setting(
        5_000_000,
        "Tokens that one thread trains on between two chances to save, held in memory.",
        1_000,
        10**12,
    )
    phrase_passes: int = setting(
        0,
        "Times that common phrases are learned and joined before training; 2 passes join up to 4 "
        "words; 0: none.",
        0,
        4,
    )
    phrase_threshold: float = setting(10.0, "Score above which two words are a phrase.", 0.001)
    phrase_minimum_count: int = setting(
        50, "Taken off a pair's count in its score: a phrase occurs more often than this.", 1
    )
    pretrained_uri: str = address(
        "", "Word vectors made elsewhere (word2vec, GloVe or fastText), taken instead of training."
    )
    probe_terms: Texts = setting(
        ("tiger shark", "car"), "Terms whose nearest neighbours are recorded."
    )
    draw: int = setting(
        0,
        "Added to seed: the same run with other word vectors, and all else as it is.",
        0,
        2**31 - 1,
    )
    seed: int = SEED
    further_dims: tuple[int, ...] = from_open_run(
        (), "Other dimensions that variants ask for: vectors of each are trained on the same text."
    )
    sources: dict[str, str] = from_open_run({}, "State of what is read, by address.")
