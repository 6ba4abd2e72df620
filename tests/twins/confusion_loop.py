"""The table of confusions, an image and a cell at a time."""

from collections.abc import Mapping, Sequence


def pairs(truth: Sequence[str], first: Sequence[str | None]) -> list[tuple[int, str, str]]:
    """Images, class and label of each pair, the most frequent first; ties by class, then label."""
    found = []
    for one in sorted(set(truth)):
        for other in sorted({label for label in first if label is not None}):
            images = 0
            for at in range(len(truth)):
                if truth[at] == one and first[at] == other:
                    images += 1
            if images and one != other:
                found.append((images, one, other))
    found.sort(key=lambda pair: -pair[0])
    return found


def shown(
    truth: Sequence[str], first: Sequence[str | None], names: Mapping[str, str], most: int
) -> list[str]:
    """Classes of the pairs, then the others by name, while there is room."""
    taken: list[str] = []
    for _, one, other in pairs(truth, first):
        for wnid in (one, other):
            if wnid not in taken and len(taken) < most:
                taken.append(wnid)
    for wnid in sorted(names, key=lambda wnid: names[wnid]):
        if wnid not in taken and len(taken) < most:
            taken.append(wnid)
    return taken


def table(
    truth: Sequence[str], first: Sequence[str | None], classes: Sequence[str]
) -> tuple[list[list[int]], int]:
    """Rows of classes, columns of labels, the last of each for all others; and images in none."""
    rows = []
    left_out = 0
    for row in [*classes, None]:
        cells = []
        for column in [*classes, None]:
            images = 0
            for at in range(len(truth)):
                in_row = truth[at] == row if row else truth[at] not in classes
                in_column = first[at] == column if column else first[at] not in classes
                images += in_row and in_column
            if row is None and column is None:
                left_out, images = images, 0
            cells.append(images)
        rows.append(cells)
    return rows, left_out
