"""Normalisation of text and terms: the one function both pass through, everywhere.

A term of the taxonomy is found in running text only if both are cut into the same tokens, so
`tokenise` is made for that and `normalise_term` is built on it:

- Unicode compatibility forms are unified (NFKC) and letters are lower case.
- Accents are taken off Latin letters, since WordNet writes its terms without them: "crème brûlée"
  is "creme brulee". Other scripts keep their marks.
- A token is a run of letters and digits. Everything else separates: hyphens ("go-kart" and
  "go kart" are one term, `go_kart`), periods ("St. Bernard" is `st_bernard`, "U.S." is `u_s`),
  slashes, commas and the underscore, which is the joiner of a term's tokens.
- An apostrophe between letters is part of the token ("d'etat", "don't"), any other is dropped
  ("dogs'"). Typographic apostrophes are the same as the plain one.
- A final 's is dropped: "the shark's fin" counts for `shark`, and "Steller's sea cow" is found as
  "Steller sea cow" too.
"""

import re
import unicodedata

JOINER = "_"

_APOSTROPHES = re.compile("[\u2019\u2018\u02bc\u2032\u00b4`\uff07]")
_LATIN_MARKS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_ASCII_POSSESSIVE = re.compile(r"'s(?![a-z0-9])")
_POSSESSIVE = re.compile(r"'s(?![^\W_])")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


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
    if lowered.isascii():
        return _ASCII_TOKEN.findall(_drop(_ASCII_POSSESSIVE, lowered))
    return _TOKEN.findall(_drop(_POSSESSIVE, _fold(lowered)))


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


def _fold(lowered: str) -> str:
    """Unify compatibility forms and take the accents off Latin letters."""
    decomposed = unicodedata.normalize("NFKD", lowered).lower()
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))


def _drop(possessive: re.Pattern[str], lowered: str) -> str:
    # Most lines have no apostrophe, and looking for one is far cheaper than the substitution.
    return possessive.sub("", lowered) if "'s" in lowered else lowered
