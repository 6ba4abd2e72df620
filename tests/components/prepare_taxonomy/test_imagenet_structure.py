from collections import defaultdict
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from components.prepare_taxonomy.imagenet_structure import read_structure
from components.prepare_taxonomy.sources import read_edges, read_words

STRUCTURE = """<ImageNetStructure>
<releaseData>fall2011</releaseData>
<synset wnid="fall11" words="ImageNet 2011 Fall Release" gloss="ImageNet 2011 Fall Release.">
<synset wnid="n00000001" words="animal, beast" gloss="it lives &amp; moves">
<synset wnid="n00000002" words="dog" gloss="a 'pet'"><synset wnid="n00000003" words="puppy"/>
</synset></synset>
<synset wnid="n00000004" words="pet"><synset wnid="n00000002" words="dog" gloss="a 'pet'">
<synset wnid="n00000003" words="puppy"/></synset></synset>
</synset>
</ImageNetStructure>
"""
PET = 'n00000004" words="pet"'
BOMB = """<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
<ImageNetStructure>&b;</ImageNetStructure>"""
OUTSIDE = """<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<ImageNetStructure>&secret;</ImageNetStructure>"""


def structure(folder: Path, text: str = STRUCTURE) -> str:
    file = folder / "structure_released.xml"
    file.write_text(text)
    return str(file)


def test_nesting_is_a_graph_whose_edges_are_given_once(tmp_path: Path) -> None:
    source = read_structure(structure(tmp_path))
    assert source.edges == [
        ("fall11", "n00000001"),
        ("n00000001", "n00000002"),
        ("n00000002", "n00000003"),
        ("fall11", "n00000004"),
        ("n00000004", "n00000002"),
    ]
    assert source.directed
    assert source.facts == {"release": "fall2011"}


def test_imagenets_own_nodes_have_no_terms(tmp_path: Path) -> None:
    assert read_structure(structure(tmp_path)).terms == {
        "n00000001": ("animal", "beast"),
        "n00000002": ("dog",),
        "n00000003": ("puppy",),
        "n00000004": ("pet",),
    }


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_a_declared_entity_is_refused_before_it_is_expanded(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"structure_released\.xml, line 1: an entity is declared"):
        read_structure(structure(tmp_path, text))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("</synset></synset>\n<syn", "</synset>\n<syn", r"line 10: broken or cut short XML"),
        ('wnid="n00000004" ', "", r"line 7: a <synset> needs the attribute wnid"),
        (PET, 'n00000004" words=""', r"line 7: n00000004 has no terms"),
        (PET, 'n00000004" words="pet,,"', r"line 7: n00000004 has an empty term"),
        (PET, 'n00000002" words="dog"', r"line 7: n00000002 lies below itself"),
        (PET, 'n00000003" words="pet"', r"line 7: n00000003 has the terms 'pet', but 'puppy'"),
    ],
)
def test_a_broken_structure_is_refused_by_line(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in STRUCTURE
    with pytest.raises(ValueError, match=rf"structure_released\.xml, {message}"):
        read_structure(structure(tmp_path, STRUCTURE.replace(before, after)))


def test_a_structure_without_nested_synsets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no nested <synset>"):
        read_structure(structure(tmp_path, "<ImageNetStructure/>"))


@pytest.mark.real_data
def test_the_released_graph_written_as_its_xml_comes_back(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "taxonomy"
    words = read_words(str(folder / "words.txt"))
    pairs = read_edges(str(folder / "imagenet.structure.txt"))
    _write_structure(tmp_path / "structure_released.xml", pairs, words, str(folder))
    source = read_structure(str(tmp_path / "structure_released.xml"))
    assert {frozenset(edge) for edge in source.edges} == {frozenset(pair) for pair in pairs}
    assert len(source.edges) == 34_872
    assert source.terms is not None
    assert len(source.terms) == 32_295
    assert all(words[wnid] == names for wnid, names in source.terms.items())


def _write_structure(
    file: Path, pairs: list[tuple[str, str]], words: dict[str, tuple[str, ...]], folder: str
) -> None:
    """Nest the released pairs below fall11, the parents by WordNet, as ImageNet's file does."""
    is_a = set(read_edges(f"{folder}/wordnet.is_a.txt"))
    own = {"fall11": 0, "fa11misc": 1}
    children = defaultdict(list)
    for a, b in pairs:
        down = own.get(a, 2) < own.get(b, 2) or (a, b) in is_a
        children[a if down else b].append(b if down else a)
    with file.open("w", encoding="utf-8") as stream:
        stream.write("<ImageNetStructure>\n<releaseData>fall2011</releaseData>\n")
        waiting = ["fall11"]
        while waiting:
            wnid = waiting.pop()
            if wnid == "/":
                stream.write("</synset>\n")
                continue
            names = quoteattr(", ".join(words.get(wnid, ("misc",))))
            stream.write(f'<synset wnid="{wnid}" words={names} gloss="">\n')
            waiting += ["/", *children[wnid]]
        stream.write("</ImageNetStructure>\n")
