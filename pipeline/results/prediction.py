"""What a model says of images, as lines for a person or as JSON for a program."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.shared.execution.progress import printable

if TYPE_CHECKING:
    import numpy as np

    from components.shared.ranking.labeller import Candidates, Labeller, RankedLabel
    from components.shared.ranking.nearest_words import NearWord

BATCH_SIZE = 32
PHOTO = "the photo"
"""What an image is called that has no file."""
NEAREST_WORDS = 10


@dataclass(frozen=True)
class Asked:
    """What is asked of each image.

    Attributes:
        labels: Texts to choose from; empty: the model's own.
        candidates: Which of the model's own.
        top: Labels at most.
        words: Nearest words at most.
    """

    labels: tuple[str, ...] = ()
    candidates: "Candidates" = "seen"
    top: int = 5
    words: int = 0


@dataclass(frozen=True)
class Answer:
    """What is said of an image.

    Attributes:
        image: The file as it was named.
        labels: Best first.
        nearest_words: Of the whole text, best first.
        error: What is wrong with it, in a sentence; empty where it could be read.
        point: Of the label space, float32 [dim]; None where it could not be read.
    """

    image: str
    labels: "tuple[RankedLabel, ...]" = ()
    nearest_words: "tuple[NearWord, ...]" = ()
    error: str = ""
    point: "np.ndarray | None" = field(default=None, compare=False, repr=False)


def answers(images: Iterable[Path | bytes], model: "Labeller", asked: Asked) -> Iterator[Answer]:
    """Label images; one that cannot be read does not keep the others from it.

    Args:
        images: Files, or what they hold.
        model: What is asked.
        asked: What of each.

    Yields:
        An answer for each image, in their order.

    Raises:
        ValueError: A label has no vector, or the model has no such candidates.
    """
    left = iter(images)
    while batch := list(itertools.islice(left, BATCH_SIZE)):
        read = [_read(image, model) for image in batch]
        known = iter(_ranked([pixels for pixels, _ in read if pixels is not None], model, asked))
        for image, (pixels, error) in zip(batch, read, strict=True):
            name = PHOTO if isinstance(image, bytes) else str(image)
            labels, words, point = ((), (), None) if pixels is None else next(known)
            yield Answer(name, tuple(labels), tuple(words), error, point)


def _read(image: Path | bytes, model: "Labeller") -> "tuple[np.ndarray | None, str]":
    """What the network is shown of an image, or what is wrong with it."""
    from components.shared.images.decoding import UNREADABLE

    name = PHOTO.capitalize() if isinstance(image, bytes) else repr(str(image))
    if isinstance(image, Path) and not image.is_file():
        return None, f"{name} is no file: check the path."
    try:
        return model.decode(image), ""
    except UNREADABLE as error:
        return None, f"{name} is no image that can be read: {error}"


def _ranked(
    pixels: "Sequence[np.ndarray]", model: "Labeller", asked: Asked
) -> "list[tuple[Sequence[RankedLabel], Sequence[NearWord], np.ndarray]]":
    import numpy as np

    if not pixels:
        return []
    points = model.points_of(np.stack(pixels))
    ranked = model.rank_points(points, asked.labels, asked.top, asked.candidates)
    near: Sequence[Sequence[NearWord]] = [()] * len(points)
    if asked.words:
        near = model.nearest_words_of(points, asked.words)
    return list(zip(ranked, near, points, strict=True))


def as_text(answer: Answer) -> str:
    """Lines of an image's labels and cosines; a label without training images is marked."""
    lines = [answer.image]
    for ranked in answer.labels:
        wnid = f"  ({ranked.wnid})" if ranked.wnid else ""
        unseen = "  unseen" if ranked.wnid and not ranked.seen else ""
        lines.append(f"  {ranked.cosine:6.3f}  {ranked.label}{wnid}{unseen}")
    return printable("\n".join(lines))


def as_json(answer: Answer, model: "Labeller") -> dict[str, Any]:
    """An image's answer as JSON has it: each label with all terms of its synset."""
    if answer.error:
        return {"image": answer.image, "error": answer.error}
    labels = [
        {**asdict(ranked), "synset": list(model.terms[ranked.wnid]) if ranked.wnid else None}
        for ranked in answer.labels
    ]
    words = [asdict(near) for near in answer.nearest_words]
    return {"image": answer.image, "labels": labels, "nearest_words": words}
