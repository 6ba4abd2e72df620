from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from pipeline.cluster.resources import Cluster
from pipeline.cluster.sizes import SIZES, STAGES
from pipeline.commands.cluster_options import cluster_of, takes_cluster
from pipeline.commands.options import takes_image_names, takes_values


def cluster(*arguments: str) -> Cluster:
    """The cluster that a command is told of, with a registry unless another is given."""

    @click.command()
    @takes_values
    @takes_image_names
    @takes_cluster
    def command(**given: Any) -> Cluster:
        return cluster_of(SimpleNamespace(**given))

    found = command(["--registry", "ghcr.io/team", *arguments], standalone_mode=False)
    assert isinstance(found, Cluster)
    return found


@pytest.mark.parametrize(
    ("preset", "size"), [("quickstart", "small"), ("tiny_imagenet", "gpu"), ("modern", "paper")]
)
def test_without_a_size_it_is_the_one_that_fits_the_preset(preset: str, size: str) -> None:
    assert cluster("--preset", preset).resources == SIZES[size]


def test_a_size_that_is_given_is_taken() -> None:
    assert cluster("--size", "paper").resources == SIZES["paper"]


def test_a_file_stands_over_the_size_and_the_number_of_gpus_over_both(tmp_path: Path) -> None:
    file = tmp_path / "resources.yaml"
    file.write_text("evaluate: {memory: 9Gi, gpus: 4}\nregister_model: {gpus: 1}\n")
    over = ("--size", "gpu", "--resources", str(file))
    found = cluster(*over).resources
    assert [found[name].gpus for name in ("evaluate", "train_devise", "register_model")] == [
        4,
        1,
        1,
    ]
    without = cluster(*over, "--gpus", "0").resources
    assert {wanted.gpus for wanted in without.values()} == {0}
    assert without["evaluate"].memory == "9Gi"


def test_the_cluster_is_as_plain_as_can_be_unless_said_otherwise() -> None:
    found = cluster()
    assert (found.tag, found.gpu_node_label, found.parallel) == ("", None, 1)
    assert (found.image_pull_secret, found.scratch_class, found.uncached) == ("", "", frozenset())
    assert found.mlflow_secret == ""


def test_what_is_said_of_the_cluster_arrives() -> None:
    services = ("--mlflow", "http://m", "--s3-endpoint", "http://s", "--s3-secret", "keys")
    places = ("--gpu-node-label", "pool=gpu", "--image-pull-secret", "mine")
    login = ("--mlflow-secret", "mlflow-login")
    found = cluster(
        *services, *login, *places, "--scratch-class", "node", "--parallel", "2", "--tag", "1"
    )
    assert (found.mlflow_tracking_uri, found.s3_endpoint, found.s3_secret) == (
        *("http://m", "http://s"),
        "keys",
    )
    assert found.mlflow_secret == "mlflow-login"
    assert found.gpu_node_label == ("pool", "gpu")
    assert (found.image_pull_secret, found.scratch_class, found.parallel) == ("mine", "node", 2)
    assert (found.registry, found.tag) == ("ghcr.io/team", "1")


@pytest.mark.parametrize(
    ("arguments", "uncached"),
    [
        (["--no-cache"], set(STAGES)),
        (["--no-cache", "evaluate"], {"evaluate"}),
        (["--no-cache", "--parallel", "2"], set(STAGES)),
        (["--no-cache", "evaluate", "--no-cache", "map_synsets"], {"evaluate", "map_synsets"}),
        (["--no-cache", "evaluate", "--no-cache"], set(STAGES)),
    ],
)
def test_the_cache_is_left_aside_for_every_stage_or_those_named(
    arguments: list[str], uncached: set[str]
) -> None:
    assert cluster(*arguments).uncached == uncached


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--no-cache", "evalute"], "There is no stage 'evalute': did you mean evaluate?"),
        (["--gpu-node-label", "pool"], "'pool' is no KEY=VALUE, such as pool=gpu."),
        (["--gpus", "-1"], "-1 is not in the range x>=0."),
        (["--parallel", "0"], "0 is not in the range x>=1."),
        (["--size", "big"], "'big' is not one of 'small', 'gpu', 'paper'."),
        (["--resources", "absent.yaml"], "absent.yaml cannot be read: No such file"),
        (["--registry", ""], "--registry is missing"),
        (["--tag", "latest"], "--tag latest is no build's own"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises((ValueError, click.UsageError)) as caught:
        cluster(*arguments)
    assert message in str(caught.value)


def test_a_password_in_mlflows_address_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="--mlflow-secret") as refused:
        cluster("--mlflow", "https://anna:hunter2@mlflow")
    assert "hunter2" not in str(refused.value)
