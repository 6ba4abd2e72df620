"""KFP face of the stage that learns word vectors from the text."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def train_skipgram(
    corpora: Input[list[Dataset]],
    taxonomy: Input[Dataset],
    skipgram_dim: int,
    skipgram_window: int,
    skipgram_epochs: int,
    skipgram_minimum_count: int,
    skipgram_vocabulary_size: int,
    skipgram_learning_rate: float,
    skipgram_minimum_learning_rate: float,
    skipgram_subsampling: float,
    skipgram_workers: int,
    skipgram_block_tokens: int,
    skipgram_phrase_passes: int,
    skipgram_phrase_threshold: float,
    skipgram_phrase_minimum_count: int,
    skipgram_pretrained_uri: str,
    skipgram_probe_terms: list,
    seed: int,
    code_version: str,
    checkpoints_uri: str,
    word_vectors: Output[Model],
) -> None:
    """Learn word vectors: skip-gram with hierarchical softmax."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.skipgram import SkipgramConfig
    from components.train_skipgram.word_vectors import write_word_vectors

    config = SkipgramConfig(
        dim=skipgram_dim,
        window=skipgram_window,
        epochs=skipgram_epochs,
        minimum_count=skipgram_minimum_count,
        vocabulary_size=skipgram_vocabulary_size,
        learning_rate=skipgram_learning_rate,
        minimum_learning_rate=skipgram_minimum_learning_rate,
        subsampling=skipgram_subsampling,
        workers=skipgram_workers,
        block_tokens=skipgram_block_tokens,
        phrase_passes=skipgram_phrase_passes,
        phrase_threshold=skipgram_phrase_threshold,
        phrase_minimum_count=skipgram_phrase_minimum_count,
        pretrained_uri=skipgram_pretrained_uri,
        probe_terms=tuple(skipgram_probe_terms),
        seed=seed,
    )
    run = StageRun(
        "train_skipgram",
        code_version,
        config,
        inputs={"corpora": corpora, "taxonomy": taxonomy},
        outputs={"word_vectors": word_vectors},
        sources=[skipgram_pretrained_uri] if skipgram_pretrained_uri else [],
        checkpoints_uri=checkpoints_uri,
    )
    parts = [Path(corpus.path) for corpus in corpora]
    run.execute(
        lambda: write_word_vectors(
            config, parts, Path(taxonomy.path), Path(word_vectors.path), run.checkpoints
        )
    )
