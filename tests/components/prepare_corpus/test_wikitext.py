import random
import time

import pytest
from twins.wikitext import without_tables_slowly, without_templates_slowly

from components.prepare_corpus.markup import plain_text
from components.prepare_corpus.wikitext import (
    link_namespaces,
    paragraphs,
    without_tables,
    without_templates,
)


def _words(text: str) -> str:
    return " ".join(text.split())


def _clean(wikitext: str) -> str:
    return _words(" / ".join(plain_text(line) for line in paragraphs(wikitext)))


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        ("A [[shark]] and [[Car|cars]].", "A shark and cars."),
        ("Two [[shark]]s, a [[Shark#Teeth|tooth]].", "Two sharks, a tooth."),
        ("See [[:Category:Fish]] and [[:fr:Requin]].", "See :Category:Fish and :fr:Requin."),
        ("a\n[[Category:Fish| ]]\n[[category : Sharks]]\n[[de:Hai]]", "a"),
        ("a [[File:x.jpg|thumb|A [[white]] [[shark|one]]]] b", "a b"),
        ("a [[Image:x.jpg|thumb|b [[File:y.png|20px]] c [http://x d]]] e", "a e"),
        ("[[Bay|the [[file:flag.svg|20px]] bay]]", "the bay"),
        ("[[Media:song.ogg|listen]]", "listen"),
        ("Read [http://example.org/a?b=c the page] now", "Read the page now"),
        ("[https://example.org] and http://example.org/x, then [//x.org it]", "and then it"),
        ("an [[open link and [[shark]]", "an open link and shark"),
        ("closed]] only", "closed only"),
        ("a {{convert|5|km|abbr={{yes}}}} b {{x}}", "a b"),
        ("a {{infobox\n| b = {{c\n|d}}\n| e = [[f]]\n}}\ng", "a / g"),
        ("a {{open b {{x}} c", "a open b c"),
        ("a }} b", "a b"),
        ("a {{{parameter|b}}} c", "a } c"),
        ("a\n{| class=x\n! b\n|-\n| c || d\n|}\ne", "a / e"),
        ("a\n:{|\n|\n{|\n| inner\n|}\n| outer\n|}\ne", "a / e"),
        ("a\n{|\n| row\nkept\n", "a / kept"),
        ("a\n|-\n| row from a template\n! head !! head\nb", "a / b"),
        ("<table class=x><tr><td>a<table>b</table>c</td></tr></table>d", "d"),
        ("a<ref>b</ref>c", "a c"),
        ('a<ref name="x/y" group=z>{{cite|b}} <b>c</b></ref>d<ref name=x />e', "a d e"),
        ("a<ref>never closed", "a never closed"),
        ("a<ref>b</ref> c<ref>never closed", "a c never closed"),
        ("<references>\n<ref name=a>b</ref>\n</references>\nc", "c"),
        ("a<!-- b {{ [[ -->c", "ac"),
        ("a <!-- never closed", "a"),
        ("the <math>\\frac{{a}}{b} [[</math> law", "the law"),
        ("a <math display=block>x</MATH> b", "a b"),
        ("<source lang=c>\nint x[[1]];\n</source>\na", "a"),
        ("<syntaxhighlight>if {{</syntaxhighlight>a", "a"),
        ("<gallery>\nFile:x.jpg|one\nFile:y.jpg\n</gallery>a", "a"),
        ("<pre>no prose</pre>a<templatestyles src=x />b", "a b"),
        ("<includeonly>a</includeonly>b<noinclude>c</noinclude>", "b c"),
        ("<onlyinclude>a</onlyinclude>", "a"),
        ("<nowiki>[[a]] {{b}}</nowiki> c<nowiki/>d", "a b c d"),
        ("'''Bold''', ''italic'' and '''''both'''''; don't", "Bold, italic and both; don't"),
        ("== History ==\ntext\n=== A [[link]] ===", "History / text / A link"),
        ("* one\n** two\n# three\n; a: b\n----\n: indented", "one / two / three / a: b / indented"),
        ("__NOTOC__\na__FORCETOC__ b", "a b"),
        ("caf&eacute;&nbsp;&amp; &lt;5", "café & <5"),
        ("H<sub>2</sub>O<br/>is <span style='x'>wet</span>", "H 2 O is wet"),
        ("!Kung people", "!Kung people"),
        ("", ""),
    ],
)  # fmt: skip
def test_markup_goes_and_prose_stays(wikitext: str, prose: str) -> None:
    assert _clean(wikitext) == prose


def test_a_wiki_has_names_of_its_own_for_files_and_categories() -> None:
    german = link_namespaces(["Datei", "Kategorie", "", "Mein Raum"])
    text = "a [[Datei:x.jpg|mini|b]] [[Kategorie:C]] [[File:d]] [[mein_raum:e]] [[Dateien|f]]"
    assert _words(" ".join(paragraphs(text, german))) == "a f"


def _nested(draw: random.Random, brackets: list[str]) -> str:
    words = (f"w{number}" for number in range(1000))
    pieces = draw.choices([*brackets, "word", "word", "\n", " "], k=draw.randint(1, 60))
    return "".join(f" {next(words)} " if piece == "word" else piece for piece in pieces)


@pytest.mark.parametrize("seed", range(300))
def test_nested_templates_equal_taking_out_pair_after_pair(seed: int) -> None:
    text = _nested(random.Random(seed), ["{{", "}}", "{{", "}}", "{", "}", "|", "{{x}}"])
    without_single = str.maketrans("{}", "  ")
    fast, slow = without_templates(text), without_templates_slowly(text)
    assert _words(fast.translate(without_single)) == _words(slow.translate(without_single))


@pytest.mark.parametrize("seed", range(300))
def test_nested_tables_equal_taking_out_pair_after_pair(seed: int) -> None:
    brackets = ["\n{| a\n", "\n|}", "\n:{|\n", "\n |} ", "\n|-\n", "{|", "|}"]
    text = _nested(random.Random(seed), brackets)
    # What is never closed keeps its bracket here: its lines go with the stray table lines.
    stray = str.maketrans("{|}", "   ")
    fast, slow = without_tables(text), without_tables_slowly(text)
    assert _words(fast.translate(stray).replace(":", "")) == _words(
        slow.translate(stray).replace(":", "")
    )


MANY = 100_000


@pytest.mark.parametrize(
    "hostile",
    [
        "{{" * MANY,
        "{{" * MANY + "}}" * MANY,
        "{{a|" * MANY + "}}",
        "}}" * MANY,
        "{" * MANY + "}" * MANY,
        "\n{|" * MANY,
        "\n{|" * MANY + "\n|}" * MANY,
        "[[" * MANY,
        "[[a|" * MANY + "]]" * MANY,
        "[[File:" * MANY,
        "[[File:a|" * MANY + "]]" * MANY,
        "[http://" * MANY,
        "[http://" + "a" * 5 * MANY,
        "[http://a" + " " * 5 * MANY,
        "http://" * MANY,
        "[[ " + " " * MANY * 5,
        "[[aa:\n" * MANY,
        "<ref>" * MANY,
        "<ref " * MANY,
        "<ref>" * MANY + "</ref>",
        "<ref name='a/b'><math>" * MANY + "</ref>",
        "<nowiki>" * MANY + "</nowiki>" * MANY,
        "<table>" * MANY + "</table>" * MANY,
        "<!--" * MANY,
        "<b " * MANY,
        "<" * MANY,
        "'" * MANY,
        "__A" * MANY,
        "_" * MANY,
        "\n!" * MANY,
        "!" * MANY,
        "&" * MANY,
        " " * 5 * MANY + "{|",
        ":" * 5 * MANY + "\n" + "\t " * MANY,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_markup_takes_time_linear_in_its_length(hostile: str) -> None:
    started = time.process_time()
    _clean(hostile)
    assert time.process_time() - started < 2
