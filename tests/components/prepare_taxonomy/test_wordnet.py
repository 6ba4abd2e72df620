from collections.abc import Sequence
from pathlib import Path

import pytest

from components.prepare_taxonomy.sources import read_edges, read_words
from components.prepare_taxonomy.wordnet import read_wordnet

DEBIAN = Path("/usr/share/wordnet/data.noun")
LICENCE = "  1 This software and database is being provided to you, the LICENSEE  \n"
ENTITY = "03 n 01 entity 0 000 | that which is perceived  "
SHARK = "05 n 02 Tiger_shark 0 man-eater a 001 @ {0} n 0000 | a shark; it is | said to bite  "
JAWS = "18 n 01 Jaws 0 003 @i {1} n 0000 + 01234567 v 0101 ~ {0} n 0000 | one shark  "


def write_database(folder: Path, bodies: Sequence[str]) -> tuple[str, list[str]]:
    """Write synsets as wndb(5WN) has them; {n} is the n-th one's offset. Returns their wnids."""
    # An offset has eight digits as `{0}` has not, so the lengths are measured with one filled in.
    blank = ["0" * 8] * len(bodies)
    offsets, position = [], len(LICENCE)
    for body in bodies:
        offsets.append(f"{position:08d}")
        position += 8 + 1 + len(body.format(*blank)) + 1
    lines = [f"{at} {body.format(*offsets)}\n" for at, body in zip(offsets, bodies, strict=True)]
    (folder / "data.noun").write_bytes((LICENCE + "".join(lines)).encode())
    return str(folder / "data.noun"), [f"n{at}" for at in offsets]


def test_words_are_terms_in_order_and_hypernyms_are_parents(tmp_path: Path) -> None:
    uri, (entity, shark) = write_database(tmp_path, [ENTITY, SHARK])
    source = read_wordnet(uri)
    assert source.terms == {entity: ("entity",), shark: ("Tiger shark", "man-eater")}
    assert list(source.terms) == [entity, shark]
    assert source.edges == [(entity, shark)]
    assert source.directed


def test_instances_keep_their_terms_lie_outside_the_hierarchy_and_are_counted(
    tmp_path: Path,
) -> None:
    uri, (entity, shark, jaws) = write_database(tmp_path, [ENTITY, SHARK, JAWS])
    source = read_wordnet(uri)
    assert source.terms is not None
    assert source.terms[jaws] == ("Jaws",)
    assert source.edges == [(entity, shark)]
    assert source.facts == {"instance_hypernyms_left_out": 1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("03 v 01 run 0 000 | move", r"line 2 is no synset"),
        ("03 n 02 entity 0 000 | one word", r"line 2 is no synset"),
        ("03 n 00 000 | no word", r"line 2 is no synset"),
        ("03 n 01 entity 0 001 | no pointer", r"line 2 is no synset"),
        ("03 n 01 entity 0 001 @ nowhere n 0000 | text", r"line 2 is no synset"),
        ("03 n 01", r"line 2 is no synset"),
        ("03 n 01 ?! 0 000 | text", r"line 2: n\d{8}: term '\?!' has no letter"),
        ("03 n 01 entity 0 001 @ 99999999 n 0000 | text", r"line 2: the hypernym n99999999"),
        ("03 n 01 entity 0 001 @ {0} n 0000 | text", r"line 2: the hypernym n\d{8} of n\d{8}"),
    ],
)
def test_a_broken_synset_is_refused_by_line(tmp_path: Path, body: str, message: str) -> None:
    uri, _ = write_database(tmp_path, [body])
    with pytest.raises(ValueError, match=rf"data\.noun, {message}"):
        read_wordnet(uri)


def test_a_file_that_was_edited_is_refused_by_its_offsets(tmp_path: Path) -> None:
    uri, _ = write_database(tmp_path, [ENTITY, SHARK])
    text = Path(uri).read_bytes()
    Path(uri).write_bytes(text.replace(b"perceived", b"seen"))
    with pytest.raises(ValueError, match=r"data\.noun, line 3 .* must be its offset"):
        read_wordnet(uri)
    Path(uri).write_bytes(text.replace(b"\n", b"\r\n"))
    with pytest.raises(ValueError, match=r"data\.noun, line 2 .* must be its offset"):
        read_wordnet(uri)


def test_a_file_without_synsets_is_refused(tmp_path: Path) -> None:
    uri, _ = write_database(tmp_path, [])
    with pytest.raises(ValueError, match="has no synset"):
        read_wordnet(uri)


@pytest.mark.real_data
def test_wordnet_3_0_gives_exactly_the_terms_and_the_hierarchy_of_imagenets_files(
    shared_data: Path,
) -> None:
    if not DEBIAN.is_file():
        pytest.skip("Debian's package wordnet-base is not installed")
    source = read_wordnet(str(DEBIAN))
    words = read_words(str(shared_data / "taxonomy/words.txt"))
    assert source.terms is not None
    assert list(source.terms.items()) == list(words.items())
    is_a = read_edges(str(shared_data / "taxonomy/wordnet.is_a.txt"))
    assert (len(source.edges), set(source.edges)) == (75_850, set(is_a))
    assert source.facts == {"instance_hypernyms_left_out": 8_577}
