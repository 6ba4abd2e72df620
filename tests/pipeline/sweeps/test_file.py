from pathlib import Path

import pytest

from pipeline.sweeps.file import read_sweep

YAML = """
settings: {devise_phase_2_epochs: 0}
objective: {metric: train_devise-devise/validation_hit_at_1}
parameters:
  devise_margin: [0.1, 0.2]
  devise_loss: [rank, l2]
"""
TOML = """
preset = "tiny_imagenet"
search = "random"
trials = 3
seed = 7
[objective]
metric = "pretrain_visual/best_validation_loss"
direction = "minimise"
[parameters]
visual_learning_rate = {from = 0.01, to = 1, log = true}
"""


def written(folder: Path, text: str, name: str = "sweep.yaml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_yaml_asks_for_a_grid_over_the_quickstart(tmp_path: Path) -> None:
    sweep = read_sweep(written(tmp_path, YAML), {"images_uri": "elsewhere"})
    assert (sweep.name, sweep.preset, len(sweep.trials)) == ("sweep", "quickstart", 4)
    values = sweep.values(sweep.trials[3])
    assert (values["devise_margin"], values["devise_loss"]) == (0.2, "l2")
    assert (values["devise_phase_2_epochs"], values["images_uri"]) == (0, "elsewhere")


def test_toml_asks_for_random_trials(tmp_path: Path) -> None:
    data = {"taxonomy_uri": "a", "images_uri": "b", "corpus_uris": ["c"]}
    sweep = read_sweep(written(tmp_path, TOML, "sweep.toml"), data)
    assert (sweep.preset, len(sweep.trials)) == ("tiny_imagenet", 3)
    assert sweep.objective.direction == "minimise"
    assert sweep.trials == read_sweep(tmp_path / "sweep.toml", data).trials


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("settings: {", "sets: {", "sets is no key of a sweep: it has preset, settings, search"),
        ("devise_margin: [0.1", "devise_margn: [0.1", "parameters.devise_margn: There is no para"),
        ("[0.1, 0.2]", "[0.1, -1]", "parameters.devise_margin: devise_margin is -1"),
        ("[0.1, 0.2]", "{from: 0.1, to: 0.2}", "parameters.devise_margin is a range, which a grid"),
        ("[0.1, 0.2]", "0.1", "parameters.devise_margin is 0.1: give a list of values"),
        ("devise_margin: [0.1, 0.2]", "run_name: [a]", "parameters.run_name changes no figure"),
        ("_epochs: 0", "_epochs: no", "settings.devise_phase_2_epochs: devise_phase_2_epochs is"),
        ("train_devise-devise/", "evaluate/", "objective.metric: evaluate/.* of the test images"),
        ("metric: t", "direction: up, metric: t", "objective.direction: Input should be"),
        ("settings:", "preset: huge\nsettings:", "preset is 'huge': choose quickstart or"),
        ("settings:", "search: random\nsettings:", "trials is missing"),
        ("settings:", "trials: 3\nsettings:", "trials: the grid has 4: leave trials out"),
        ("devise_margin: [0.1, 0.2]", "visual_input_size: [40, 999]", r"trial 3 \(visual_inp"),
        ("objective:", "objectives:", "objective: Field required"),
        ("-devise/", "-typo/", r"in trial 1 there is no task train_devise-typo, only train_dev"),
        ("train_devise-devise/", "train_devise/", "there is no task train_devise, only train_dev"),
        (
            "train_devise-devise/validation_hit_at_1",
            "pretrain_visual-foo/best_validation_loss",
            "there is no task pretrain_visual-foo, only pretrain_visual",
        ),
        ("{devise_phase_2_epochs", "{devise_margin", "devise_margin is given for every trial too"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in YAML
    with pytest.raises(ValueError, match=f"sweep.yaml: {'.*' if 'trial 3' in message else ''}"):
        read_sweep(written(tmp_path, YAML.replace(old, new, 1)))
    with pytest.raises(ValueError, match=message):
        read_sweep(tmp_path / "sweep.yaml")


def test_a_setting_is_swept_or_given_and_not_both(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"parameters\.devise_loss is given for every trial too"):
        read_sweep(written(tmp_path, YAML), {"devise_loss": "l2"})


def test_the_objective_may_be_a_variants_that_every_trial_has(tmp_path: Path) -> None:
    text = YAML.replace("-devise/", "-mine/")
    variants = {"devise_variants": ["mine: devise_loss=l2"]}
    assert read_sweep(written(tmp_path, text), variants).objective.task == "train_devise-mine"
    swept = text + "  devise_variants: [['mine: devise_loss=l2'], []]\n"
    with pytest.raises(ValueError, match="in trial 2 there is no task train_devise-mine, only"):
        read_sweep(written(tmp_path, swept))


def test_a_grid_is_counted_before_it_is_made(tmp_path: Path) -> None:
    seeds = list(range(300))
    lists = "".join(f"  {name}: {seeds}\n" for name in ("training_seed", "skipgram_draw", "seed"))
    objective = "objective: {metric: pretrain_visual/best_validation_loss}"
    with pytest.raises(ValueError, match="trials: the grid has 27,000,000: leave trials"):
        read_sweep(written(tmp_path, f"{objective}\nparameters:\n{lists}"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{from: 1, to: 0.1}", "from must be smaller than to"),
        ("{from: 0, to: 1, log: true}", "above 0 where log is true"),
        ("{from: 0.1}", "a range has numbers from and to"),
        ("{from: 0.1, to: 9999}", "visual_learning_rate is 9999"),
    ],
)
def test_a_range_is_checked(tmp_path: Path, given: str, message: str) -> None:
    text = "search: random\ntrials: 2\nobjective: {metric: pretrain_visual/best_validation_loss}\n"
    file = written(tmp_path, f"{text}parameters:\n  visual_learning_rate: {given}\n")
    with pytest.raises(ValueError, match=rf"parameters.visual_learning_rate: .*{message}"):
        read_sweep(file)


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "is neither YAML nor TOML"), ("- a", "has no keys")]
)
def test_what_is_no_sweep_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_sweep(written(tmp_path, text))
    with pytest.raises(ValueError, match=r"none.yaml cannot be read"):
        read_sweep(tmp_path / "none.yaml")
