from pathlib import Path

import numpy as np
import pytest
from twins import hierarchical as twin

from components.shared.ranking.hierarchy import (
    breadth_first,
    build_hierarchy,
    correct_sets,
    correct_sets_of,
    hops_to,
    mean_sizes,
    outside,
    shells,
)

# animal - dog - (terrier, poodle, beagle); animal - cat - (tabby, siamese); animal - fish
TREE = [
    ("animal", "dog"),
    ("animal", "cat"),
    ("animal", "fish"),
    ("dog", "terrier"),
    ("dog", "poodle"),
    ("dog", "beagle"),
    ("cat", "tabby"),
    ("cat", "siamese"),
]
LEAVES = {"terrier", "poodle", "beagle", "tabby", "siamese", "fish"}


def random_graph(seed: int) -> tuple[list[tuple[str, str]], list[str]]:
    generator = np.random.default_rng(seed)
    nodes = [f"n{i}" for i in range(generator.integers(2, 25))]
    edges = generator.choice(nodes, size=(int(len(nodes) * generator.uniform(0.4, 1.5)) + 1, 2))
    return [(str(a), str(b)) for a, b in edges if a != b], nodes


def test_a_search_gives_each_node_once_in_the_shell_of_its_nearest_start() -> None:
    ways = {"a": "bc", "b": "d", "c": "da", "d": "e", "x": "e"}
    assert list(breadth_first(lambda node: ways.get(node, ""), "ax")) == [
        *(["a", "x"], ["b", "c", "e"], ["d"])
    ]
    assert list(breadth_first(lambda node: ways.get(node, ""), "")) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_search_from_several_starts_agrees_with_one_from_each(seed: int) -> None:
    edges, nodes = random_graph(seed)
    hierarchy = build_hierarchy(edges)
    starts = [hierarchy.number[node] for node in nodes[:3] if node in hierarchy.number]
    nearest: dict[int, int] = {}
    for start in starts:
        for hops, shell in enumerate(shells(hierarchy, start)):
            nearest |= {node: min(hops, nearest.get(node, hops)) for node in shell}
    found = {node: n for n, shell in enumerate(shells(hierarchy, *starts)) for node in shell}
    assert found == nearest


def test_the_set_for_one_is_the_true_label_alone() -> None:
    sets = correct_sets(build_hierarchy(TREE), "terrier", LEAVES, [1])
    assert sets.members(1) == {"terrier"}


def test_siblings_join_before_cousins() -> None:
    sets = correct_sets(build_hierarchy(TREE), "terrier", LEAVES, [2, 3, 4, 5])
    assert sets.members(2) == sets.members(3) == {"terrier", "poodle", "beagle"}
    assert sets.members(4) == {"terrier", "poodle", "beagle", "fish"}
    assert sets.members(5) == LEAVES


def test_inner_nodes_join_where_they_are_valid_labels() -> None:
    sets = correct_sets(build_hierarchy(TREE), "terrier", {*LEAVES, "dog"}, [2, 3])
    assert sets.members(2) == {"terrier", "dog"}
    assert sets.members(3) == {"terrier", "dog", "poodle", "beagle"}


def test_the_search_ends_where_the_graph_ends() -> None:
    sets = correct_sets(build_hierarchy([*TREE, ("rock", "stone")]), "fish", LEAVES, [6, 7, 20])
    assert sets.members(6) == sets.members(7) == sets.members(20) == LEAVES


def test_a_label_outside_the_hierarchy_is_still_correct_and_reported() -> None:
    hierarchy = build_hierarchy(TREE)
    sets = correct_sets(hierarchy, "teapot", {*LEAVES, "teapot"}, [1, 2, 20])
    assert all(sets.members(k) == {"teapot"} for k in (1, 2, 20))
    assert outside(hierarchy, [*LEAVES, "teapot", "axe"]) == ["axe", "teapot"]


def test_the_true_label_is_a_member_even_where_it_is_no_valid_label() -> None:
    assert correct_sets(build_hierarchy(TREE), "dog", LEAVES, [1]).members(1) == {"dog"}


@pytest.mark.parametrize("seed", range(60))
def test_correct_sets_agree_with_the_words_of_the_paper_on_random_graphs(seed: int) -> None:
    edges, nodes = random_graph(seed)
    generator = np.random.default_rng([seed, 1])
    valid = {node for node in nodes if generator.random() < 0.7}
    hierarchy = build_hierarchy(edges)
    for truth in nodes:
        sets = correct_sets(hierarchy, truth, valid, [1, 2, 5, 10, 20])
        for k in (1, 2, 5, 10, 20):
            assert sets.members(k) == twin.correct_set(edges, truth, valid, k)
            assert sets.size(k) == len(sets.members(k))


@pytest.mark.parametrize("seed", range(10))
def test_hops_agree_with_a_plain_search(seed: int) -> None:
    edges, nodes = random_graph(seed)
    hierarchy = build_hierarchy(edges)
    for truth in nodes:
        hops = hops_to(hierarchy, truth, nodes)
        assert {label: hops.get(label) for label in nodes} == {
            label: twin.distance(edges, truth, label) for label in nodes
        }


def test_a_label_is_no_hops_from_itself_wherever_it_lies() -> None:
    assert hops_to(build_hierarchy(TREE), "teapot", ["teapot", "dog"]) == {"teapot": 0}


def test_direction_order_and_repetition_of_edges_do_not_matter() -> None:
    turned = [(b, a) for a, b in reversed(TREE)]
    assert build_hierarchy([*turned, *TREE]) == build_hierarchy(TREE)


def test_shells_partition_the_connected_part() -> None:
    hierarchy = build_hierarchy(TREE)
    named = [
        [hierarchy.names[node] for node in shell]
        for shell in shells(hierarchy, hierarchy.number["animal"])
    ]
    assert named == [
        ["animal"],
        ["cat", "dog", "fish"],
        ["beagle", "poodle", "siamese", "tabby", "terrier"],
    ]


def test_the_mean_size_of_no_sets_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one true label"):
        mean_sizes({}, [1])


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("edge_list", "published"),
    [
        ("imagenet.structure.txt", [6.3, 11.2, 19.8, 37.2]),
        ("wordnet.is_a.txt", [4.5, 9.5, 18.0, 33.8]),
    ],
)
def test_mean_sizes_over_real_hierarchies_are_the_known_ones(
    shared_data: Path, edge_list: str, published: list[float]
) -> None:
    folder = shared_data / "taxonomy"
    labels = (folder / "1k.txt").read_text().split()
    lines = (folder / edge_list).read_text().splitlines()
    hierarchy = build_hierarchy((a, b) for a, b in (line.split() for line in lines))
    ks = [2, 5, 10, 20]
    sizes = mean_sizes(correct_sets_of(hierarchy, labels, labels, ks), ks)
    assert list(sizes.values()) == pytest.approx(published, rel=0.01)
