"""What is known about pretrained weights before they are loaded, and without torch.

`visual_pretrained` is a name of torchvision's weights, or the address of a visual model that
pretrain_visual wrote (a folder), a safetensors file or a state dict that torch saved. Only the
folder knows its classes; for the others `visual_pretrained_classes_uri` names a list of wnids, one
line an output. Torchvision's 1000 outputs are ImageNet's classes in the order of the sorted wnids.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from components.shared.networks.architectures import weights_names
from components.shared.storage import store
from components.shared.storage.lines import list_lines
from components.shared.wnids import is_wnid

WEIGHTS_NAME = r"[A-Z][A-Z0-9_]*"
CONFIG_FILE = "config.json"
TORCHVISION_OUTPUTS = 1000


def is_weights_name(pretrained: str) -> bool:
    """Whether it is a name of torchvision's weights and no address: capitals, digits and `_`."""
    return re.fullmatch(WEIGHTS_NAME, pretrained) is not None


def is_visual_model(pretrained: str) -> bool:
    """Whether it is the address of a folder that pretrain_visual wrote."""
    if not pretrained or is_weights_name(pretrained):
        return False
    return store.exists(store.join(pretrained, CONFIG_FILE))


def is_checkpoint(pretrained: str) -> bool:
    """Whether it is the address of a file of weights."""
    named = is_weights_name(pretrained) or is_visual_model(pretrained)
    return bool(pretrained) and not named


def pretrained_sources(pretrained: str, classes_uri: str) -> list[str]:
    """Addresses whose content the weights and their classes are read from."""
    address = "" if is_weights_name(pretrained) else pretrained
    return [uri for uri in (address, classes_uri) if uri]


def read_outputs(uri: str) -> tuple[str, ...]:
    """Read the wnid of each output, one a line.

    Raises:
        ValueError: A line is no wnid or stands there twice, or there is none.
    """
    if not store.exists(uri):
        raise ValueError(f"visual_pretrained_classes_uri: {uri!r} is not there: check the path.")
    wnids: dict[str, int] = {}
    for number, line in list_lines(uri):
        wnid = line.strip()
        place = f"visual_pretrained_classes_uri: {uri}, line {number}"
        if not is_wnid(wnid):
            raise ValueError(f"{place}: {wnid!r} is no wnid, such as n01443537: correct it.")
        if wnid in wnids:
            raise ValueError(f"{place}: {wnid} is in line {wnids[wnid]} too: remove one.")
        wnids[wnid] = number
    if not wnids:
        raise ValueError(f"visual_pretrained_classes_uri: {uri} is empty: write a wnid a line.")
    return tuple(wnids)


def read_model_config(folder: str) -> dict[str, Any]:
    """Read the config.json of a visual model."""
    with store.open_read(store.join(folder, CONFIG_FILE)) as stream:
        return dict(json.load(stream))


def has_seen(
    known: Collection[str], unseen: Collection[str], allowed: bool, pretrained: str
) -> bool:
    """Whether weights have seen a zero-shot class.

    Args:
        known: wnids that the weights were trained on.
        unseen: wnids of the zero-shot classes.
        allowed: Whether to go on where they have.
        pretrained: What the weights are called in the message.

    Raises:
        ValueError: They have, and it is not allowed.
    """
    overlap = sorted(set(known) & set(unseen))
    if overlap and not allowed:
        raise ValueError(
            f"visual_pretrained {pretrained} was trained on {', '.join(overlap[:5])}"
            f"{' ...' if len(overlap) > 5 else ''} ({len(overlap)} of {len(set(unseen))} zero-shot "
            "classes): give other weights or hold out other classes; visual_allow_unseen_overlap "
            "goes on, and every table then says so."
        )
    return bool(overlap)


def check_pretrained(values: Mapping[str, Any], unseen: Collection[str]) -> None:
    """Check all that can be known of the pretrained weights before any work.

    Args:
        values: Every parameter of the pipeline by name.
        unseen: wnids of every zero-shot class known so far: of images_unseen and of the lists of
            evaluate_zero_shot_sets.

    Raises:
        ValueError: The parameters do not go together, an address is wrong, there are no such
            weights, or they have seen a zero-shot class.
    """
    pretrained, classes_uri = values["visual_pretrained"], values["visual_pretrained_classes_uri"]
    if not pretrained:
        _check_without(values["visual_epochs"], classes_uri)
        return
    known = _known_classes(pretrained, classes_uri, values["visual_architecture"])
    has_seen(known[1], unseen, values["visual_allow_unseen_overlap"], pretrained)
    seen = set(values["images_classes"]) - set(values["images_unseen"])
    if values["visual_epochs"] == 0:
        check_covers(known[0], seen, pretrained)


def check_covers(outputs: Collection[str], seen: Collection[str], pretrained: str) -> None:
    """Check that weights that are not trained any more know every seen class.

    Raises:
        ValueError: They lack one.
    """
    missing = sorted(set(seen) - set(outputs))
    if missing:
        raise ValueError(
            f"visual_pretrained {pretrained} has no output for {missing[0]} ({len(missing)} such "
            "seen classes), and visual_epochs is 0: train for some epochs, or leave them out of "
            "images_classes."
        )


def _check_without(epochs: int, classes_uri: str) -> None:
    if epochs == 0:
        raise ValueError(
            "visual_epochs is 0 and visual_pretrained is empty, so that the visual model would "
            "have random weights: set one of them."
        )
    if classes_uri:
        raise ValueError(
            "visual_pretrained_classes_uri is given and visual_pretrained is empty: give the "
            "weights, or leave out their classes."
        )


def _known_classes(
    pretrained: str, classes_uri: str, architecture: str
) -> tuple[tuple[str, ...], set[str]]:
    """Wnids of the outputs, and all that the weights have ever been trained on."""
    if is_visual_model(pretrained):
        return _of_visual_model(pretrained, classes_uri, architecture)
    if is_weights_name(pretrained):
        check_weights_name(pretrained, architecture)
    elif not store.exists(pretrained):
        raise ValueError(
            f"visual_pretrained: {pretrained!r} is not there: give a name of torchvision's weights "
            "or the address of a checkpoint."
        )
    else:
        _check_not_empty(pretrained)
    outputs = outputs_of(pretrained, classes_uri)
    return outputs, set(outputs)


def _check_not_empty(checkpoint: str) -> None:
    if store.first_file(checkpoint) == checkpoint:
        with store.open_read(checkpoint) as stream:
            if stream.read(1):
                return
    raise ValueError(
        f"visual_pretrained: {checkpoint} is empty, or a folder without {CONFIG_FILE}: give a "
        "checkpoint or the output of pretrain_visual."
    )


def _of_visual_model(
    folder: str, classes_uri: str, architecture: str
) -> tuple[tuple[str, ...], set[str]]:
    if classes_uri:
        raise ValueError(
            f"visual_pretrained_classes_uri is given, but {folder} knows its classes: leave it out."
        )
    config = read_model_config(folder)
    check_architecture(config, folder, architecture)
    return tuple(config["classes"]), trained_on(config)


def check_architecture(config: Mapping[str, Any], folder: str, architecture: str) -> None:
    """Check that a visual model is of the architecture that the run says.

    Raises:
        ValueError: It is of another.
    """
    if config["architecture"] != architecture:
        raise ValueError(
            f"visual_architecture is {architecture!r}, but {folder} is a visual model of "
            f"{config['architecture']!r}: set it so."
        )


def trained_on(config: Mapping[str, Any]) -> set[str]:
    """All wnids that a visual model was trained on, or its weights before."""
    return {*config["classes"], *config.get("pretrained_classes", ())}


def outputs_of(pretrained: str, classes_uri: str) -> tuple[str, ...]:
    """Read the wnids of the outputs of weights that do not know them.

    Raises:
        ValueError: The list is not given, or torchvision's weights have more or fewer outputs.
    """
    if not classes_uri:
        raise ValueError(
            f"visual_pretrained {pretrained} does not know its classes: give "
            "visual_pretrained_classes_uri, a list of wnids, one line an output (torchvision's: "
            "ImageNet's 1000 wnids, sorted)."
        )
    outputs = read_outputs(classes_uri)
    in_order = len(outputs) == TORCHVISION_OUTPUTS and list(outputs) == sorted(outputs)
    if is_weights_name(pretrained) and not in_order:
        raise ValueError(
            f"visual_pretrained_classes_uri: {classes_uri} has {len(outputs)} wnids; torchvision's "
            f"{TORCHVISION_OUTPUTS} outputs are ImageNet's classes sorted by wnid: give those, "
            "sorted."
        )
    return outputs


def check_weights_name(name: str, architecture: str) -> None:
    """Check that torchvision has weights of this name for the architecture.

    Raises:
        ValueError: It has none; the sentence says which it has.
    """
    names = weights_names(architecture)
    if name not in names:
        have = f"choose {' or '.join(names)}" if names else "give the address of a checkpoint"
        raise ValueError(
            f"visual_pretrained is {name!r}, which torchvision does not have for {architecture}: "
            f"{have}."
        )
