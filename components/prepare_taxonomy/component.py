"""KFP face of the stage that reads the synsets, their terms and their hierarchy."""

from kfp.dsl import Dataset, Output

from components.shared.execution.stage import stage


@stage
def prepare_taxonomy(settings: dict, code_version: str, taxonomy: Output[Dataset]) -> None:
    """Read the synsets with their terms, and the hierarchy between them."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.parameter import read
    from components.shared.settings.taxonomy import TaxonomySettings

    config = read(TaxonomySettings, settings)
    run = StageRun("prepare_taxonomy", code_version, config, outputs={"taxonomy": taxonomy})

    def work() -> dict:
        from components.prepare_taxonomy.preparation import write_taxonomy

        return write_taxonomy(config, Path(taxonomy.path))

    run.execute(work)
