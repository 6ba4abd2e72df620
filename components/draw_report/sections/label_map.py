"""A map of the label vectors: what the text knows, coloured by what the hierarchy knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.draw_report.branches import Branch, branches
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import svg_text
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.section import Section
from components.shared.artifacts.label_space import NO_ROW
from components.shared.plurals import counted, verb
from components.shared.projection import FEWEST, plane

WIDTH, HEIGHT, EDGE = 920.0, 560.0, 26.0
MOST_LABELS = 1000
COLOURS = 9
NAME_CHARACTER = 9.0
"""Pixels of a character of a branch's name."""
Spot = tuple[float, float, float]
"""A name's place: x and y of the label that it stands above, half the name's width; pixels."""


@dataclass(frozen=True)
class Place:
    """A label on the map.

    Attributes:
        wnid: The label.
        x: Pixels.
        y: Pixels.
        is_seen: Whether it was trained on.
        branch: Number of its branch.
    """

    wnid: str
    x: float
    y: float
    is_seen: bool
    branch: int


def map_section(data: ReportData) -> list[Child]:
    """Show the map, its key, and the labels of each branch with a link to their places."""
    wnids = mapped_labels(data)
    if len(wnids) < FEWEST:
        text = f"Labels with a vector: {len(wnids)}, which are too few for a map."
        return [element("p", text, class_="note")]
    groups = branches(data.hierarchy, data.artifacts.is_a, wnids)
    titles = branch_names(groups, data.artifacts.terms, data.names)
    places = _places(data, wnids, groups)
    drawing = _drawing(data, places, titles)
    return [_note(data, len(wnids)), _key(groups, titles), drawing, _index(data, groups, titles)]


def mapped_labels(data: ReportData) -> list[str]:
    """Return the labels that are drawn: those with a vector, at most `MOST_LABELS` by the seed."""
    labels = data.artifacts.space.labels
    wnids = labels["wnid"][labels["target_row"] != NO_ROW].to_numpy()
    order = np.random.default_rng([data.seed, len(wnids)]).permutation(len(wnids))
    return [str(wnid) for wnid in wnids[np.sort(order[:MOST_LABELS])]]


def branch_names(
    groups: Sequence[Branch], terms: Mapping[str, str], names: Mapping[str, str]
) -> list[str]:
    """Say in words which labels each branch holds.

    Args:
        groups: The branches.
        terms: The first term of every synset; one that the source made up for itself has none, and
            its branch is called by its first label.
        names: What the labels are called.
    """
    return [_branch_name(group, terms, names) for group in groups]


def _branch_name(group: Branch, terms: Mapping[str, str], names: Mapping[str, str]) -> str:
    term = terms.get(group.node)
    if group.node == "":
        return "outside the hierarchy"
    if group.is_rest:
        return f"other {term}" if term else "other"
    return term or f"{names[group.labels[0]]} and its like"


def _places(data: ReportData, wnids: Sequence[str], groups: Sequence[Branch]) -> list[Place]:
    labels = data.artifacts.space.labels.set_index("wnid").loc[list(wnids)]
    vectors = data.artifacts.space.vectors[labels["target_row"].to_numpy()]
    where = plane(vectors, data.seed)
    branch = {wnid: number for number, group in enumerate(groups) for wnid in group.labels}
    return [
        Place(
            wnid,
            round(EDGE + x * (WIDTH - 2 * EDGE), 1),
            round(EDGE + y * (HEIGHT - 2 * EDGE), 1),
            role == "seen",
            branch[wnid],
        )
        for wnid, (x, y), role in zip(wnids, where.tolist(), labels["role"], strict=True)
    ]


def _note(data: ReportData, drawn: int) -> Markup:
    labels = data.artifacts.space.labels
    with_vector = int((labels["target_row"] != NO_ROW).sum())
    told = data.artifacts.label_space.get("retrofitting", 0) > 0
    branch = "towards which they were drawn" if told else "which the vectors were never told of"
    text = (
        f"{counted(drawn, 'label')} by t-SNE of their vectors: labels used alike in the text lie "
        "close together, while distances across the map mean little. Colour is the branch of the "
        f"hierarchy, {branch}. Point at a label, or tap it, for its name; the lists below lead "
        "to each."
    )
    if drawn < with_vector:
        text += f" Drawn at random from {counted(with_vector, 'label')} with a vector."
    if len(labels) > with_vector:
        left = len(labels) - with_vector
        have = verb(left, "has", "have")
        text += f" {counted(left, 'label')} {have} no vector and no place."
    return element("p", text, class_="note")


def _key(groups: Sequence[Branch], titles: Sequence[str]) -> Markup:
    shapes = [
        element("span", _sign(is_seen), name)
        for is_seen, name in ((True, "seen"), (False, "unseen"))
    ]
    colours = [
        element(
            "span",
            element("i", class_=f"swatch back b-{number % COLOURS}"),
            f"{title} ({len(group.labels)})",
        )
        for number, (group, title) in enumerate(zip(groups, titles, strict=True))
    ]
    return element("div", *shapes, *colours, class_="legend")


def _sign(is_seen: bool) -> Markup:
    return element("svg", _shape(8, 8, is_seen, "key"), viewBox="0 0 16 16", class_="sign-of")


def _drawing(data: ReportData, places: Sequence[Place], titles: Sequence[str]) -> Markup:
    # Unseen labels are fewer, and the names must not be hidden by points.
    order = sorted(places, key=lambda place: not place.is_seen)
    points = [_point(place, data.names[place.wnid], titles[place.branch]) for place in order]
    names = _branch_names(titles, places)
    svg = element(
        "svg", *points, *names, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="group",
        aria_label="Map of the label vectors",
    )  # fmt: skip
    return element("div", element("figure", svg, class_="map"), class_="scroll")


def _point(place: Place, name: str, branch: str) -> Markup:
    kind = "seen" if place.is_seen else "unseen"
    leftish = place.x < WIDTH * 0.7
    text = svg_text(
        name, place.x + (9 if leftish else -9), place.y + 4, "start" if leftish else "end", "tip"
    )
    return element(
        "g",
        element("title", f"{name} ({kind}; {branch})"),
        _shape(place.x, place.y, place.is_seen, f"fill b-{place.branch % COLOURS}"),
        text,
        id=f"at-{place.wnid}", tabindex="-1", class_="place",
    )  # fmt: skip


def _shape(x: float, y: float, is_seen: bool, class_: str) -> Markup:
    if is_seen:
        return element("circle", cx=x, cy=y, r=5, class_=class_)
    corners = " ".join(
        f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in ((0, -7), (7, 0), (0, 7), (-7, 0))
    )
    return element("polygon", points=corners, class_=f"{class_} ringed")


def _branch_names(titles: Sequence[str], places: Sequence[Place]) -> list[Markup]:
    """Write each branch's name at one of its labels."""
    taken: list[Spot] = []
    points = np.array([(place.x, place.y) for place in places])
    for number, title in enumerate(titles):
        own = points[[place.branch == number for place in places]]
        taken.append(name_spot(own, NAME_CHARACTER * len(title) / 2, points, taken))
    return [
        svg_text(title, x, y - 9, "middle", f"branch b-{number % COLOURS}")
        for number, (title, (x, y, _)) in enumerate(zip(titles, taken, strict=True))
    ]


def name_spot(own: np.ndarray, half: float, points: np.ndarray, taken: Sequence[Spot]) -> Spot:
    """Return where a branch's name goes: above a label of it, where it hides the fewest points.

    Of equal ones it is the one nearest to the middle, and where there is a choice no other name
    stands there.

    Args:
        own: The branch's labels, pixels [labels, 2].
        half: Half the width of the name, pixels.
        points: All labels, pixels [all, 2].
        taken: Where names stand already.
    """
    middle = np.median(own, axis=0)
    order = np.argsort(((own - middle) ** 2).sum(axis=1), kind="stable")
    spots = [_within(own[at], half) for at in order]
    free = [spot for spot in spots if not any(_meet(spot, other) for other in taken)]
    return min(free or spots, key=lambda spot: _hidden(spot, points))


def _hidden(spot: Spot, points: np.ndarray) -> int:
    """Count the points that a name there would lie on."""
    x, y, half = spot
    above = y - points[:, 1]
    return int(((np.abs(points[:, 0] - x) < half + 5) & (above > 1) & (above < 30)).sum())


def _within(place: np.ndarray, half: float) -> Spot:
    """Return x, y and half the width of a name, moved so that it stays on the map."""
    return min(max(float(place[0]), half), WIDTH - half), max(float(place[1]), 22.0), half


def _meet(one: Spot, other: Spot) -> bool:
    return abs(one[1] - other[1]) < 18 and abs(one[0] - other[0]) < one[2] + other[2]


def _index(data: ReportData, groups: Sequence[Branch], titles: Sequence[str]) -> Markup:
    lists = []
    for number, (group, title) in enumerate(zip(groups, titles, strict=True)):
        named = sorted((data.names[wnid], wnid) for wnid in group.labels)
        links = [element("li", element("a", name, href=f"#at-{wnid}")) for name, wnid in named]
        swatch = element("i", class_=f"swatch back b-{number % COLOURS}")
        head = element("h4", swatch, f"{title} ({len(group.labels)})")
        lists.append(element("div", head, element("ul", *links)))
    summary = element("summary", "All labels of the map, by branch")
    return element("details", summary, element("div", *lists, class_="index"))


SECTION = Section("map", "Map", "Map of the label vectors", map_section)
