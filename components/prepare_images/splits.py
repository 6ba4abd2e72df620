"""Which images are trained on, chosen on and tested on.

As the paper does with ILSVRC's 50,000 validation images, held-out images of seen classes are split
at random into validation and test. Images of unseen classes are only ever test images.

Unseen are the classes of images_unseen, and by nature those whose images all lie in splits that
only images_zero_shot_splits names: with ILSVRC 2012 (splits train and val) and ImageNet 21K (split
fall11, images_zero_shot_splits = ["fall11"]) below one address, the 20,841 other classes need not
be listed. A class with held-out but without training images stays an error.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from components.prepare_images.listing import Listing, Source
from components.shared.images.index import SPLITS
from components.shared.images.splits import (
    TRAIN,
    check_known,
    most_of_a_class,
    part_of,
    used_splits,
    zero_shot_only,
)
from components.shared.settings.images import ImagesSettings


@dataclass(frozen=True, slots=True)
class Assigned:
    """An image with its split: train, validation or test, and whether its class is seen."""

    source: Source
    split: str
    seen: bool


def assign(config: ImagesSettings, listing: Listing) -> list[Assigned]:
    """Images to pack, each with its split, in the order train, validation, test, then by path.

    Rows of parquet files come last in their part, as they lie in their files.

    Args:
        config: Classes and splits.
        listing: What there is.

    Raises:
        ValueError: A split folder is unknown, a class is missing or empty, or nothing is left to
            validate on.
    """
    _check_splits(config, listing.images)
    seen, unseen = choose_classes(config, listing)
    kept = _first_of_each_class(config, listing.images, seen)
    _check_classes(config, kept, seen, unseen)
    # Of thousands of classes, and made once for millions of images.
    wanted = seen | unseen
    assigned = [
        Assigned(source, split, source.wnid in seen)
        for source in kept
        if source.wnid in wanted and (split := part_of(config, source.path, source.wnid in seen))
    ]
    _check_validation(config, assigned)
    order = {split: number for number, split in enumerate(SPLITS)}
    rows_last = sorted(assigned, key=lambda image: image.source.reading_order)
    return sorted(rows_last, key=lambda image: order[image.split])


def _check_splits(config: ImagesSettings, sources: Sequence[Source]) -> None:
    if TRAIN in config.held_out_splits:
        raise ValueError("images_held_out_splits names 'train': seen classes are trained on it.")
    known = used_splits(config)
    there = sorted({source.split for source in sources})
    if TRAIN not in there:
        raise ValueError(
            f"{config.uri} has no split {TRAIN!r}, only {', '.join(map(repr, there))}: give the "
            f"folder or tar of the training images the name {TRAIN!r}."
        )
    for source in sources:
        check_known(source.path, known)


def choose_classes(
    config: ImagesSettings, listing: Listing
) -> tuple[frozenset[str], frozenset[str]]:
    """Seen and unseen classes.

    Args:
        config: The classes to use, and those to hold out.
        listing: All that is there.

    Raises:
        ValueError: Every class is held out.
    """
    wanted = frozenset(config.classes or listing.wnids)
    unseen = frozenset(config.unseen) | (unseen_by_nature(config, listing) & wanted)
    seen = wanted - unseen
    if not seen:
        raise ValueError("images_unseen holds out every class: leave some to train on.")
    return seen, unseen


def unseen_by_nature(config: ImagesSettings, listing: Listing) -> frozenset[str]:
    """Classes whose images all lie in splits that are only there for zero-shot tests."""
    others = zero_shot_only(config)
    if not others:
        return frozenset()
    places = {(source.wnid, source.split in others) for source in listing.images}
    return frozenset(wnid for wnid, only in places if only and (wnid, False) not in places)


def _first_of_each_class(
    config: ImagesSettings, sources: Iterable[Source], seen: frozenset[str]
) -> list[Source]:
    taken: Counter[tuple[str, str]] = Counter()
    most = {is_seen: most_of_a_class(config, is_seen) for is_seen in (True, False)}
    kept = []
    for source in sources:
        taken[source.split, source.wnid] += 1
        limit = most[source.wnid in seen]
        if not limit or taken[source.split, source.wnid] <= limit:
            kept.append(source)
    return kept


def _check_classes(
    config: ImagesSettings,
    sources: Iterable[Source],
    seen: frozenset[str],
    unseen: frozenset[str],
) -> None:
    present = {(source.split, source.wnid) for source in sources}
    needed = (
        (seen, [TRAIN], "images_classes"),
        (seen, config.held_out_splits, "images_classes"),
        (unseen, config.zero_shot_splits, "images_unseen"),
    )
    for wnids, splits, parameter in needed:
        for wnid in sorted(wnids):
            if not any((split, wnid) in present for split in splits):
                raise ValueError(
                    f"The class {wnid} has no image in {' or '.join(splits)} of {config.uri}: "
                    f"add some, or take it out of {parameter}."
                )


def _check_validation(config: ImagesSettings, assigned: Iterable[Assigned]) -> None:
    splits = {image.split for image in assigned if image.seen}
    for split in ("validation", "test"):
        if split not in splits:
            raise ValueError(
                f"images_validation_share {config.validation_share} leaves no {split} image of a "
                "seen class: change it, or give more held-out images."
            )
