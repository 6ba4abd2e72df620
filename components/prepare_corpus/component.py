"""KFP face of the stage that turns one part of the text into a corpus."""

from kfp.dsl import Dataset, Input, Output

from components.shared.execution.stage import stage


@stage
def prepare_corpus(
    taxonomy: Input[Dataset],
    uri: str,
    state: str,
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    corpus: Output[Dataset],
) -> None:
    """Clean the text, cut it into tokens and join the taxonomy's multi-word terms.

    Reads MediaWiki XML dumps, WikiExtractor's output (doc tags or JSON lines) and plain text, also
    packed as bz2 or gz, streamed from a path, an s3:// or an http(s):// address.
    """
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.corpus import CorpusSettings
    from components.shared.settings.parameter import read

    config = read(CorpusSettings, {**settings, "part": uri, "sources": {uri: state}})
    run = StageRun(
        "prepare_corpus",
        code_version,
        config,
        inputs={"taxonomy": taxonomy},
        outputs={"corpus": corpus},
        checkpoints_uri=checkpoints_uri,
    )

    def work() -> dict:
        from components.prepare_corpus.preparation import write_corpus

        return write_corpus(config, Path(taxonomy.path), Path(corpus.path), run.checkpoints)

    run.execute(work)
    run.forget()
