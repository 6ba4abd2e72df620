"""register_model: a version in MLflow's registry, and the champion where it is the better one.

A model that is registered already is not registered again: the run found nothing new.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from components.register_model import registry
from components.register_model.outcome import write_registration
from components.register_model.validation import Validation, read_validation, validation_score
from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.evaluation import DEVISE, figures_of_model, read_metrics
from components.shared.artifacts.label_space import members, read_label_space
from components.shared.execution.progress import say
from components.shared.model_description import describe, figures_among
from components.shared.settings.register import RegisterSettings
from components.shared.storage.fingerprint import checksum

ROUNDING = 1e-9
"""Of the difference of two shares; a share of images is far coarser."""


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the registration reads."""

    taxonomy: Path
    image_index: Path
    devise_model: Path
    evaluation: Path


@dataclass(frozen=True)
class Decision:
    """Whether a new version becomes the champion, and why.

    Attributes:
        score: The metric of the new model on this run's validation images.
        champion_version: The version that was the champion; None: there was none.
        champion_score: Its metric on the same images; None where it was not compared.
        promoted: Whether the new version is the champion now.
        reason: In a sentence.
    """

    score: float
    champion_version: str | None
    champion_score: float | None
    promoted: bool
    reason: str


def register(
    config: RegisterSettings, inputs: Inputs, output: Path, run_id: str | None
) -> dict[str, float]:
    """Register the model, decide on the champion and write registration.json.

    Without an MLflow server, and for a model that is registered already, only the file is written,
    which says so.

    Args:
        config: The stage's parameters.
        inputs: The artifacts.
        output: Folder to write to.
        run_id: MLflow run that the model is logged to; None: there is no server.

    Returns:
        The figures that decided; none for a model that is registered already.
    """
    if run_id is None:
        return _unregistered(config, output, _score(config, inputs))
    digest = checksum(inputs.devise_model)
    if known := registry.version_of(config.model_name, digest):
        return _nothing_new(config, output, known)
    with tempfile.TemporaryDirectory() as scratch:
        champion = registry.champion(config.model_name, Path(scratch))
        # The champion of an older version of this code carries no checksum.
        if champion and champion.folder and checksum(champion.folder) == digest:
            return _nothing_new(config, output, champion.version)
        validation = _validation(config, inputs)
        score = validation_score(inputs.devise_model, validation, "this model")
        decision = decide(config, score, champion, validation)
    version = _add_version(config, inputs, run_id, decision)
    registry.mark_registered(config.model_name, version, digest)
    say(f"register_model: {config.model_name} version {version}. {decision.reason}")
    _write(output, {"model": config.model_name, "version": version, **asdict(decision)}, config)
    return _figures(config, decision)


def decide(
    config: RegisterSettings,
    score: float,
    champion: registry.Champion | None,
    validation: Validation,
) -> Decision:
    """Compare a new model with the champion on the same validation images.

    Args:
        config: The metric and the gain that is asked for.
        score: Of the new model.
        champion: The present champion, downloaded.
        validation: Images, candidates and hierarchy of this run.
    """
    if champion is None:
        return Decision(score, None, None, True, "There was no champion, so it is the champion.")
    refusal = why_not_comparable(champion, validation)
    if refusal:
        return Decision(score, champion.version, None, False, refusal)
    assert champion.folder is not None
    theirs = validation_score(champion.folder, validation, f"champion {champion.version}")
    promoted = score - theirs > config.minimum_gain + ROUNDING
    verdict = "It is the champion now" if promoted else f"Version {champion.version} stays champion"
    reason = (
        f"{verdict}: {config.metric} on validation is {score:.4f} against {theirs:.4f}, a gain of "
        f"{score - theirs:+.4f} where more than {config.minimum_gain:g} is asked for."
    )
    return Decision(score, champion.version, theirs, promoted, reason)


def why_not_comparable(champion: registry.Champion, validation: Validation) -> str:
    """Return a sentence where the champion is damaged or knows other labels; else nothing."""
    resolve = (
        "move the alias by hand if the new version shall replace it, or register under another "
        "register_model_name."
    )
    if champion.folder is None:
        return f"Champion version {champion.version} is no DeViSE model of this pipeline: {resolve}"
    if champion.checksum and checksum(champion.folder) != champion.checksum:
        return (
            f"Champion version {champion.version} is damaged in MLflow's store, its figures "
            f"would be wrong, so it is not compared and stays champion: {resolve}"
        )
    theirs = set(members(read_label_space(champion.folder / "label_space"), SEEN))
    ours = set(validation.candidates.members)
    if theirs == ours:
        return ""
    return (
        f"Champion version {champion.version} was trained on another label set ({len(theirs)} "
        f"labels, {len(theirs & ours)} of them among the {len(ours)} of this run), so the two are "
        f"not compared and it stays champion: {resolve}"
    )


def _validation(config: RegisterSettings, inputs: Inputs) -> Validation:
    return read_validation(inputs.taxonomy, inputs.image_index, inputs.devise_model, config.metric)


def _score(config: RegisterSettings, inputs: Inputs) -> float:
    return validation_score(inputs.devise_model, _validation(config, inputs), "this model")


def _add_version(config: RegisterSettings, inputs: Inputs, run_id: str, decision: Decision) -> str:
    tags = _tags(config, decision, inputs.evaluation)
    model, name = inputs.devise_model, config.model_name
    version = registry.register_version(name, model, run_id, tags)
    tested = _tested(inputs.evaluation)
    text = describe(model, f"{name} version {version}", figures_among(tested))
    registry.describe_version(name, version, text, {**_figures(config, decision), **tested})
    if decision.promoted:
        registry.make_champion(config.model_name, version)
    return version


def _nothing_new(config: RegisterSettings, output: Path, version: str) -> dict[str, float]:
    reason = f"Nothing new: version {version} is this very model, so it was not registered again."
    say(f"register_model: {config.model_name}. {reason}")
    content = {"model": config.model_name, "version": version, "promoted": False, "reason": reason}
    _write(output, content, config)
    return {}


def _unregistered(config: RegisterSettings, output: Path, score: float) -> dict[str, float]:
    reason = "MLFLOW_TRACKING_URI is not set, so the model was not registered."
    say(f"register_model: {reason}")
    content = {"model": config.model_name, "version": None, "score": score, "reason": reason}
    _write(output, content, config)
    return {f"validation_{config.metric}": score}


def _figures(config: RegisterSettings, decision: Decision) -> dict[str, float]:
    figures = {f"validation_{config.metric}": decision.score, "promoted": float(decision.promoted)}
    if decision.champion_score is not None:
        figures[f"champion_validation_{config.metric}"] = decision.champion_score
        figures["gain"] = decision.score - decision.champion_score
    return figures


def _tags(config: RegisterSettings, decision: Decision, evaluation: Path) -> dict[str, str]:
    """Say on the version what decided, and what the test figures are."""
    tested = {
        f"test/{name}": f"{value:.6f}"
        for name, value in _tested(evaluation).items()
        if name.endswith(config.metric)
    }
    figures = {name: f"{value:.6f}" for name, value in _figures(config, decision).items()}
    compared = {"champion_version": decision.champion_version or "none", "reason": decision.reason}
    return {**figures, **tested, **compared}


def _tested(evaluation: Path) -> dict[str, float]:
    """The figures of the main model on test images, by candidates and metric."""
    return figures_of_model(read_metrics(evaluation), DEVISE)


def _write(output: Path, content: Mapping[str, object], config: RegisterSettings) -> None:
    write_registration(output, {**content, "parameters": config.model_dump(mode="json")})
