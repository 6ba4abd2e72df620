"""Parameters of train_skipgram."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class SkipgramConfig:
    """The language model: what section 3.1 of the paper says, and what it leaves open.

    Attributes:
        dim: length of a word vector; the paper keeps 500 and 1,000.
        window: tokens looked at on each side; the paper has 20.
        epochs: passes over the corpus; the paper makes one.
        minimum_count: rarer words have no vector; the taxonomy's terms always have one.
        vocabulary_size: most words with a vector beside the taxonomy's terms; 0: all.
        learning_rate: at the first token, falling linearly.
        minimum_learning_rate: at the last token of the last pass.
        subsampling: threshold of frequency above which words are left out at random; 0: none.
        workers: threads; with more than one the result differs from run to run.
        block_tokens: tokens between two checkpoints, held in memory.
        phrase_passes: times that common phrases are learned and joined before training; 0: none.
        phrase_threshold: score above which two words are a phrase.
        phrase_minimum_count: occurrences that are taken off a pair's count in its score.
        pretrained_uri: word vectors made elsewhere, taken instead of training; empty: train.
        probe_terms: terms whose nearest neighbours are reported.
        seed: of the first weights, the subsampling and the window's size.
    """

    prefix: ClassVar[str] = "skipgram"

    dim: int = 500
    window: int = 20
    epochs: int = 1
    minimum_count: int = 5
    vocabulary_size: int = 0
    learning_rate: float = 0.025
    minimum_learning_rate: float = 0.0001
    subsampling: float = 0.0001
    workers: int = 1
    block_tokens: int = 5_000_000
    phrase_passes: int = 0
    phrase_threshold: float = 10.0
    phrase_minimum_count: int = 50
    pretrained_uri: str = ""
    probe_terms: tuple[str, ...] = ("tiger shark", "car")
    seed: int = 0
