import re
from pathlib import Path

import pytest

from pipeline.cluster.resource_file import KEYS, read_resources
from pipeline.cluster.sizes import SIZES, Resources


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "resources.yaml"


def test_a_file_stands_over_a_size(file: Path) -> None:
    file.write_text(
        "train_devise: {cpu: 8, memory: 32Gi, gpus: 2, scratch: 100Gi, hours: 48, retries: 3}\n"
    )
    found = read_resources(file, SIZES["small"])
    assert found["train_devise"] == Resources("8", "32Gi", 2, "100Gi", 48, 3)
    assert found["evaluate"] == SIZES["small"]["evaluate"]


def test_what_is_not_named_stays_as_the_size_has_it(file: Path) -> None:
    file.write_text("evaluate: {memory: 128Gi}\n")
    wanted, before = read_resources(file, SIZES["paper"])["evaluate"], SIZES["paper"]["evaluate"]
    assert wanted.memory == "128Gi"
    assert (wanted.cpu, wanted.gpus, wanted.scratch) == (before.cpu, before.gpus, before.scratch)


def test_a_processor_that_is_named_is_requested_too(file: Path) -> None:
    file.write_text("evaluate: {cpu: 0.5}\n")
    wanted = read_resources(file, SIZES["small"])["evaluate"]
    assert (wanted.cpu, wanted.requested_cpu) == ("0.5", "")


@pytest.mark.parametrize("nothing", ["0", "''", "null"])
def test_a_scratch_volume_can_be_taken_away(file: Path, nothing: str) -> None:
    file.write_text(f"evaluate: {{scratch: {nothing}}}\n")
    assert read_resources(file, SIZES["paper"])["evaluate"].scratch == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("evalute: {cpu: 4}", "There is no stage 'evalute': did you mean evaluate?"),
        ("evaluate: {memry: 4Gi}", "Resources have no 'memry' of evaluate: did you mean memory?"),
        ("evaluate: {memory: 4 GB}", "evaluate.memory is '4 GB': give an amount of memory"),
        ("evaluate: {memory: 0Gi}", "evaluate.memory is '0Gi': give an amount of memory"),
        ("evaluate: {cpu: many}", "evaluate.cpu is 'many': give a number of processors"),
        ("evaluate: {gpus: 1.5}", "evaluate.gpus is 1.5: give a number of GPUs, 0 for none"),
        ("evaluate: {gpus: true}", "evaluate.gpus is True: give a number of GPUs, 0 for none"),
        ("evaluate: {hours: 0}", "evaluate.hours is 0: give a whole number of hours"),
        ("evaluate: 4", "evaluate is 4: give names with values"),
        ("", "resources.yaml is None: give names with values"),
        ("evaluate: {cpu", "resources.yaml is no YAML: while parsing"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        read_resources(file, SIZES["small"])
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(ValueError, match=r"resources.yaml cannot be read: No such file"):
        read_resources(file, SIZES["small"])


def test_every_key_is_a_field_of_the_resources() -> None:
    assert set(KEYS) == set(Resources.__dataclass_fields__) - {"requested_cpu"}
