from components.draw_report.branches import MOST, branches, paths_from_root
from components.shared.ranking.hierarchy import build_hierarchy

ANIMALS, THINGS = [f"a{n}" for n in range(20)], [f"t{n}" for n in range(20)]
BIRDS, TOOLS = ANIMALS[:12], THINGS[:15]


def edges() -> list[tuple[str, str]]:
    """fall11 over animal and thing; bird within animal, tool within thing."""
    pairs = [("animal", "fall11"), ("fall11", "thing"), ("animal", "bird"), ("thing", "tool")]
    pairs += [(label, "bird" if label in BIRDS else "animal") for label in ANIMALS]
    return pairs + [(label, "tool" if label in TOOLS else "thing") for label in THINGS]


def test_branches_hold_every_label_once_and_split_the_largest() -> None:
    groups = branches(build_hierarchy(edges()), [], [*ANIMALS, *THINGS])
    assert sorted(w for group in groups for w in group.labels) == sorted([*ANIMALS, *THINGS])
    found = {(group.node, group.is_rest): len(group.labels) for group in groups}
    assert found == {("tool", False): 15, ("bird", False): 12, ("animal", True): 8,
                     ("thing", True): 5}  # fmt: skip


def test_branches_are_never_more_than_there_are_colours() -> None:
    labels = [f"w{n:03d}" for n in range(400)]
    pairs = [(f"g{n % 40}", label) for n, label in enumerate(labels)]
    pairs += [("fall11", f"g{n}") for n in range(40)]
    groups = branches(build_hierarchy(pairs), [], labels)
    assert len(groups) <= MOST
    assert sum(len(group.labels) for group in groups) == 400


def test_a_label_outside_the_hierarchy_has_no_path_and_is_not_lost() -> None:
    groups = branches(build_hierarchy(edges()), [], [*ANIMALS, *THINGS, "lost"])
    assert "lost" in {wnid for group in groups for wnid in group.labels}
    assert paths_from_root(build_hierarchy(edges()), [], ["lost", "a0"]) == {
        "lost": [], "a0": ["fall11", "animal", "bird", "a0"]
    }  # fmt: skip


def test_of_two_parents_at_one_depth_the_one_with_more_neighbours_is_taken() -> None:
    pairs = [("fall11", "few"), ("fall11", "many"), ("few", "x"), ("many", "x"), ("many", "y")]
    assert paths_from_root(build_hierarchy(pairs), [], ["x"])["x"] == ["fall11", "many", "x"]


def test_a_hierarchy_with_a_direction_is_only_gone_down() -> None:
    is_a = [("root", "animal"), ("animal", "dog"), ("root", "pet"), ("pet", "cat"), ("cat", "tom")]
    hierarchy = build_hierarchy([*is_a, ("dog", "tom")])
    assert paths_from_root(hierarchy, is_a, ["tom"])["tom"] == ["root", "pet", "cat", "tom"]


def test_without_a_known_root_the_middle_of_the_longest_path_is_taken() -> None:
    chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    assert paths_from_root(build_hierarchy(chain), [], ["a"])["a"] == ["c", "b", "a"]
