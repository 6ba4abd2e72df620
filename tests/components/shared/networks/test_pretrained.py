from pathlib import Path
from typing import Any

import pytest

from components.shared.networks import visual_model
from components.shared.networks.architectures import SMALL_RESNET
from components.shared.networks.pretrained import (
    check_pretrained,
    is_weights_name,
    pretrained_sources,
    read_outputs,
)
from components.shared.networks.visual_model import VisualConfig, build
from components.shared.settings.table import defaults

SEEN = ["n00000001", "n00000002"]
UNSEEN = ["n00000009"]


def values(**changed: Any) -> dict[str, Any]:
    classes = {"images_classes": [*SEEN, *UNSEEN], "images_unseen": UNSEEN}
    names = {f"visual_{name}": value for name, value in changed.items()}
    return {**defaults(), **classes, "visual_architecture": "resnet18", **names}


def write(file: Path, *lines: str) -> str:
    file.write_text("".join(f"{line}\n" for line in lines))
    return str(file)


@pytest.mark.parametrize("address", ["w.pth", "/data/W", "s3://BUCKET/W", "./DEFAULT", ""])
def test_an_address_is_no_name(address: str) -> None:
    assert not is_weights_name(address)


def test_only_files_are_sources() -> None:
    assert pretrained_sources("DEFAULT", "c.txt") == ["c.txt"]
    assert pretrained_sources("/data/w.pth", "") == ["/data/w.pth"]
    assert pretrained_sources("", "") == []


def test_outputs_are_read_in_the_order_of_the_lines(tmp_path: Path) -> None:
    uri = write(tmp_path / "c", "n00000002", "n00000001")
    assert read_outputs(uri) == ("n00000002", "n00000001")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["n00000001", "tench"], "line 2: 'tench' is no wnid"),
        (["n00000001", "", "n00000002"], "line 2: '' is no wnid"),
        (["n00000001", "n00000002", "n00000001"], "line 3: n00000001 is in line 1 too"),
        ([], "is empty: write a wnid a line"),
    ],
)
def test_a_wrong_list_of_outputs_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_outputs(write(tmp_path / "c", *lines))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epochs": 0}, "visual_epochs is 0 and visual_pretrained is empty"),
        ({"pretrained_classes_uri": "c"}, "is given and visual_pretrained is empty"),
        ({"pretrained": "IMAGENET1K_V3"}, "'IMAGENET1K_V3', which torchvision does not have for"),
        ({"pretrained": "DEFAULT"}, "DEFAULT does not know its classes: give visual_pretrained_cl"),
        ({"pretrained": "DEFAULT", "architecture": SMALL_RESNET}, "give the address of a check"),
        ({"pretrained": "/no/such/w.pth"}, "'/no/such/w.pth' is not there"),
        ({"pretrained": "DEFAULT", "pretrained_classes_uri": "/no/c"}, "'/no/c' is not there"),
    ],
)
def test_what_does_not_go_together_is_refused_before_any_work(changed: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_pretrained(values(**changed), UNSEEN)


def test_fresh_weights_that_are_trained_need_nothing() -> None:
    check_pretrained(values(), UNSEEN)


@pytest.mark.parametrize("wnids", [1000, 999])
def test_torchvisions_outputs_are_a_thousand_sorted_wnids(tmp_path: Path, wnids: int) -> None:
    lines = [f"n{number:08}" for number in range(10, 10 + wnids)]
    if wnids == 1000:
        lines.reverse()
    changed = {"pretrained": "DEFAULT", "pretrained_classes_uri": write(tmp_path / "c", *lines)}
    with pytest.raises(ValueError, match=f"has {wnids} wnids; torchvision's 1000 outputs are"):
        check_pretrained(values(**changed), UNSEEN)


def test_a_checkpoint_is_held_against_the_classes(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(b"weights")
    given = {"pretrained": str(tmp_path / "w.pth"), "pretrained_classes_uri": f"{tmp_path}/c"}
    write(tmp_path / "c", "n00000001")
    check_pretrained(values(**given), UNSEEN)
    with pytest.raises(ValueError, match="has no output for n00000002"):
        check_pretrained(values(**given, epochs=0), UNSEEN)
    write(tmp_path / "c", *SEEN, *UNSEEN)
    with pytest.raises(ValueError, match="was trained on n00000009"):
        check_pretrained(values(**given), UNSEEN)
    check_pretrained(values(**given, allow_unseen_overlap=True), UNSEEN)


def test_a_visual_model_is_held_against_all_it_was_trained_on(tmp_path: Path) -> None:
    config = VisualConfig(SMALL_RESNET, tuple(SEEN), 32, 32, pretrained_classes=tuple(UNSEEN))
    visual_model.save(build(config), tmp_path / "own", [])
    given = {"pretrained": str(tmp_path / "own"), "architecture": SMALL_RESNET}
    with pytest.raises(ValueError, match="was trained on n00000009"):
        check_pretrained(values(**given), UNSEEN)
    check_pretrained(values(**given, allow_unseen_overlap=True, epochs=0), UNSEEN)
    with pytest.raises(ValueError, match="knows its classes: leave it out"):
        check_pretrained(values(**given, pretrained_classes_uri="c"), UNSEEN)
    with pytest.raises(ValueError, match="is a visual model of 'small_resnet18': set it so"):
        check_pretrained(values(pretrained=given["pretrained"]), UNSEEN)


def test_no_weights_of_a_network_of_timms_have_a_name() -> None:
    given = values(architecture="timm:resnet18", pretrained="DEFAULT", pretrained_classes_uri="c")
    with pytest.raises(ValueError, match="for timm:resnet18: give the address of a checkpoint"):
        check_pretrained(given, UNSEEN)
