"""KFP face of the stage that learns word vectors from the text."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def train_skipgram(
    corpora: Input[list[Dataset]],
    taxonomy: Input[Dataset],
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    word_vectors: Output[Model],
) -> None:
    """Learn word vectors: skip-gram with hierarchical softmax."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.parameter import read
    from components.shared.settings.skipgram import SkipgramSettings

    config = read(SkipgramSettings, settings)
    run = StageRun(
        "train_skipgram",
        code_version,
        config,
        inputs={"corpora": corpora, "taxonomy": taxonomy},
        outputs={"word_vectors": word_vectors},
        checkpoints_uri=checkpoints_uri,
    )

    def work() -> dict:
        from components.train_skipgram.word_vectors import write_word_vectors

        parts = [Path(corpus.path) for corpus in corpora]
        folders = Path(taxonomy.path), Path(word_vectors.path)
        return write_word_vectors(config, parts, *folders, run.checkpoints)

    run.execute(work)
    run.forget()
