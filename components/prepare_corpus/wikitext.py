"""Takes the markup out of MediaWiki's wikitext, in time linear in its length.

Gone: comments, references, templates and tables however nested, categories, files with their
captions, interlanguage links, addresses, magic words, and the content of tags that hold no prose
(`DROPPED_TAGS`). Kept: the text of links and of headings, list items, what `nowiki` holds.
HTML entities and the tags around prose are left to `markup.plain_text`.

Whatever is opened and never closed loses its brackets and keeps its words, so one slip in an
article does not cost the rest of it.
"""

import re
from collections.abc import Collection, Iterable

Span = tuple[int, int]

DROPPED_TAGS = (
    "ce", "chem", "gallery", "graph", "hiero", "imagemap", "includeonly", "indicator", "inputbox",
    "mapframe", "maplink", "math", "pre", "ref", "references", "score", "source",
    "syntaxhighlight", "templatedata", "templatestyles", "timeline",
)  # fmt: skip
"""Tags whose content is no prose."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Plain references are most of an article's tags; what this leaves goes through the scan.
_PLAIN_REFERENCE = re.compile(r"<ref(?:\s[^<>/]*)?(?:/>|>[^<]*</ref>)")
_RAW_TAG = re.compile(rf"<(/?)({'|'.join((*DROPPED_TAGS, 'nowiki'))})(?:\s[^<>]*?)?(/?)>", re.I)
_MARKUP_CHARACTERS = str.maketrans(dict.fromkeys("[]{}<>|=*#:;'_", " "))

_PLAIN_TEMPLATE = re.compile(r"(?<!\{)\{\{[^{}]*\}\}(?!\})")
_TEMPLATE_BRACKETS = re.compile(r"(\{\{)|\}\}")
_TABLE_BRACKETS = re.compile(r"(^[ \t:*#]*\{\|)|^[ \t]*\|\}", re.MULTILINE)
_HTML_TABLE_TAGS = re.compile(r"(<table(?:\s[^<>]*)?>)|</table\s*>", re.IGNORECASE)
_STRAY_TABLE_LINE = re.compile(r"\{?\||!.*(?:\||!!)")

# Possessive: nothing is given back, so a bracket that never closes costs no second look.
_BRACKETED_ADDRESS = re.compile(
    r"\[(?:https?:|ftp:|mailto:|(?=//))[^\s\[\]]*+(?:[^\S\n]*+([^\[\]\n]*+)\])?"
)
_ADDRESS = re.compile(r"https?://[^\s\[\]<>|]*")
_LANGUAGE_LINK = re.compile(r"^\[\[[a-z]{2,3}(?:-[a-z-]+)?:[^\[\]|\n]*\]\]", re.MULTILINE)
_LINK_BRACKETS = re.compile(r"(\[\[)|\]\]")
_LINK_TARGET = re.compile(r"\[\[[^\[\]|\n]*\|")

_MAGIC_WORD = re.compile(r"__[A-Z]+__")
_LINE_MARKS = " \t\r*#:;=-"


def link_namespaces(names: Iterable[str]) -> re.Pattern[str]:
    """Pattern of the links that show no text.

    Args:
        names: Names of the file and category namespaces in the wiki's language; the English ones
            hold in every wiki.
    """
    known = {"File", "Image", "Category", *(name for name in names if name)}
    # A title's spaces may be written as underscores.
    spelled = (re.escape(name.replace("_", " ")).replace(r"\ ", "[ _]") for name in known)
    return re.compile(rf"\[\[[ _]*(?:{'|'.join(sorted(spelled))})[ _]*:", re.IGNORECASE)


ENGLISH = link_namespaces(())


def paragraphs(wikitext: str, namespaces: re.Pattern[str] = ENGLISH) -> list[str]:
    """Cut wikitext into paragraphs of prose.

    Args:
        wikitext: The source of one page, XML entities decoded.
        namespaces: From `link_namespaces`.

    Returns:
        Paragraphs, headings and list items in order, none blank. Entities and HTML tags around
        prose are still in them.
    """
    text = without_tables(without_templates(without_raw_tags(wikitext)))
    text = without_links(text, namespaces)
    if "__" in text:
        text = _MAGIC_WORD.sub(" ", text)
    if "''" in text:
        text = text.replace("'''", "").replace("''", "")
    lines = (line.strip(_LINE_MARKS) for line in text.split("\n"))
    return [line for line in lines if line and not _is_table_line(line)]


def without_raw_tags(text: str) -> str:
    """Take out comments and `DROPPED_TAGS` with their content; keep `nowiki`'s as plain words."""
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    if "<" not in text:
        return text
    text = _PLAIN_REFERENCE.sub(" ", text)
    tags = list(_RAW_TAG.finditer(text))
    last_end = {tag[2].lower(): tag.start() for tag in tags if tag[1]}
    pieces, done, inside = [], 0, ""
    for tag in tags:
        name = tag[2].lower()
        if inside:
            if not tag[1] or name != inside:
                continue
            if inside == "nowiki":
                pieces.append(text[done : tag.start()].translate(_MARKUP_CHARACTERS))
            inside = ""
        else:
            pieces.append(text[done : tag.start()])
            if not (tag[1] or tag[3]) and last_end.get(name, -1) > tag.start():
                inside = name
        done = tag.end()
    pieces.append(text[done:])
    return " ".join(pieces)


def without_templates(text: str) -> str:
    """Take out templates `{{...}}`, whatever they hold."""
    if "{{" not in text:
        return text.replace("}}", " ")
    text = _PLAIN_TEMPLATE.sub(" ", text)
    if "{{" in text:
        text = _without(text, _outermost_pairs(text, _TEMPLATE_BRACKETS))
    return text.replace("{{", " ").replace("}}", " ")


def without_tables(text: str) -> str:
    """Take out tables, `{|...|}` and HTML's, whatever they hold."""
    if "{|" in text:
        text = _without(text, _outermost_pairs(text, _TABLE_BRACKETS))
    if "<" in text:
        text = _without(text, _outermost_pairs(text, _HTML_TABLE_TAGS))
    return text


def without_links(text: str, namespaces: re.Pattern[str] = ENGLISH) -> str:
    """Write links as the text that they show; files, categories and addresses show none."""
    if "//" in text or "mailto:" in text:
        text = _ADDRESS.sub("", _BRACKETED_ADDRESS.sub(r"\1", text))
    if "[[" not in text:
        return text.replace("]]", "")
    text = _LANGUAGE_LINK.sub("", text)
    textless = {link.start() for link in namespaces.finditer(text)}
    if textless:
        text = _without(text, _outermost_pairs(text, _LINK_BRACKETS, textless))
    return _LINK_TARGET.sub("", text).replace("[[", "").replace("]]", "")


def _outermost_pairs(
    text: str, brackets: re.Pattern[str], starts: Collection[int] | None = None
) -> list[Span]:
    """Places of the pairs of brackets that lie in no other pair.

    Args:
        text: Where to look.
        brackets: Matches an opening bracket as its group 1, or a closing one.
        starts: Only pairs that begin at one of these places count.
    """
    opened: list[int] = []
    spans: list[Span] = []
    for bracket in brackets.finditer(text):
        if bracket.lastindex:
            opened.append(bracket.start())
        elif opened:
            start = opened.pop()
            if starts is None or start in starts:
                while spans and spans[-1][0] > start:
                    spans.pop()
                spans.append((start, bracket.end()))
    return spans


def _without(text: str, spans: Iterable[Span]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces.append(text[done:start])
        done = end
    pieces.append(text[done:])
    return " ".join(pieces)


def _is_table_line(line: str) -> bool:
    """Whether a line is the rest of a table whose begin or end came from a template."""
    return line[0] in "|!{" and _STRAY_TABLE_LINE.match(line) is not None
