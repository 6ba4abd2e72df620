"""Normalisation of text and terms: the one function both pass through, everywhere.

A term of the taxonomy is found in running text only if both are cut into the same tokens, so
`tokenise` is made for that and `normalise_term` is built on it:

- Unicode compatibility forms are unified (NFKC) and letters are lower case.
- Accents are taken off Latin letters, since WordNet writes its terms without them: "crème brûlée"
  is "creme brulee". Other scripts keep their marks.
- A token is a run of letters and digits with the marks on them, as Unicode's rules for words (UAX
  29) have it: a vowel sign of Hindi or Tamil ends no word. Joiners, soft hyphens and other signs
  that are not seen are taken out. Everything else separates: hyphens ("go-kart" and
  "go kart" are one term, `go_kart`), periods ("St. Bernard" is `st_bernard`, "U.S." is `u_s`),
  slashes, commas and the underscore, which is the joiner of a term's tokens.
- An apostrophe between letters is part of the token ("d'etat", "don't"), any other is dropped
  ("dogs'"). Typographic apostrophes are the same as the plain one.
- A final 's is dropped: "the shark's fin" counts for `shark`, and "Steller's sea cow" is found as
  "Steller sea cow" too.
"""

import re
from unicodedata import category, normalize

JOINER = "_"

_APOSTROPHES = re.compile("[\u2019\u2018\u02bc\u2032\u00b4`\uff07]")
_LATIN_MARKS = re.compile(
    "(?<=[a-z])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_ASCII_POSSESSIVE = re.compile(r"'s(?![a-z0-9])")
_POSSESSIVE = re.compile(r"'s(?![^\W_])")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

_FIRST_PLANE, _SECOND_PLANE = range(0x300, 0x10000), range(0x10000, 0x20000)
"""Code points among which all marks are, but for variation selectors."""

_NOT_SEEN = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufeff"
)
_NOT_SEEN_BEYOND = "\U000e0000-\U000e0fff"


def _among(points: range, *categories: str) -> str:
    return "".join(chr(point) for point in points if category(chr(point)) in categories)


_MARKS = _among(_FIRST_PLANE, "Mn", "Mc")
_MARKS_BEYOND = _among(_SECOND_PLANE, "Mn", "Mc")
# An enclosing mark makes a sign of a letter: the digit on a key is that digit.
_ENCLOSING = _among(_FIRST_PLANE, "Me")
_DROPPED = re.compile(f"[{_NOT_SEEN}{_NOT_SEEN_BEYOND}{_ENCLOSING}]+")
# Most lines have none of these. A look at a set of the first plane is fast; what lies beyond it is
# taken for a mark until the exact pattern says otherwise.
_PERHAPS_MARKED = re.compile(f"[{_MARKS}{_NOT_SEEN}{_ENCLOSING}\U00010000-\U0010ffff]")
_MARKED_WORD = rf"[^\W_]++(?:[{_MARKS}{_MARKS_BEYOND}]++[^\W_]*+)*+"
_MARKED_TOKEN = re.compile(f"{_MARKED_WORD}(?:'{_MARKED_WORD})*+")


def tokenise(text: str) -> list[str]:
    """Cut running text into normalised tokens, in order.

    Args:
        text: Any text; line ends separate tokens like other space.

    Returns:
        Lower-case tokens without spaces or underscores; empty where there is no letter or digit.
    """
    lowered = text.lower()
    if "`" in lowered or not lowered.isascii():
        lowered = _APOSTROPHES.sub("'", lowered)
    if not lowered.isascii():
        lowered = normalize("NFKD", lowered).lower()
        if _PERHAPS_MARKED.search(lowered):
            return _tokens_with_marks(normalize("NFC", _LATIN_MARKS.sub("", lowered)))
        lowered = normalize("NFC", lowered)
    return _tokens(lowered)


def _tokens_with_marks(folded: str) -> list[str]:
    if folded.isascii() or not _PERHAPS_MARKED.search(folded):
        return _tokens(folded)
    return _MARKED_TOKEN.findall(_drop(_POSSESSIVE, _DROPPED.sub("", folded)))


def _tokens(folded: str) -> list[str]:
    if folded.isascii():
        return _ASCII_TOKEN.findall(_drop(_ASCII_POSSESSIVE, folded))
    return _TOKEN.findall(_drop(_POSSESSIVE, folded))


def normalise_term(term: str) -> str:
    """Write a term as it stands in the corpus: its tokens joined by underscores.

    Args:
        term: A single- or multi-word term such as "Tiger shark".

    Returns:
        The normalised term, such as "tiger_shark".

    Raises:
        ValueError: The term has no letter and no digit.
    """
    tokens = tokenise(term.replace(JOINER, " "))
    if not tokens:
        raise ValueError(f"term {term!r} has no letter and no digit: give it a name or remove it")
    return JOINER.join(tokens)


def _drop(possessive: re.Pattern[str], lowered: str) -> str:
    # Most lines have no apostrophe, and looking for one is far cheaper than the substitution.
    return possessive.sub("", lowered) if "'s" in lowered else lowered
