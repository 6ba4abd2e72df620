"""From the names that data sets give their classes to synsets."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from components.shared.artifacts.terms import normalise_term
from components.shared.wnids import is_wnid

SYNSETS_SHOWN = 3
REMEDY = (
    "give images_ground_truth_uri: the wnids of the parquet's classes, one a line, in the order of "
    "their numbers"
)


class ClassNames:
    """Resolves names such as "n01440764", "tench, Tinca tinca" or "tench" by the taxonomy."""

    def __init__(self, terms: Mapping[str, Sequence[str]]) -> None:
        """Hold the terms of each synset, by wnid."""
        self.terms = terms

    def resolve(self, name: str) -> str:
        """The wnid of a class.

        A name is a wnid, or terms with commas between: those of exactly one synset; or, where no
        synset has just these, some of the terms of exactly one.

        Raises:
            ValueError: No synset or more than one is meant; the name is in the sentence.
        """
        if is_wnid(name):
            return name
        asked = _normalised(name.split(","))
        found = self._by_terms.get(asked) or self._with_all(asked)
        if len(found) == 1:
            return found[0]
        meant = f"may be {', '.join(found[:SYNSETS_SHOWN])}" if found else "is no synset's"
        raise ValueError(f"The class name {name!r} {meant} in the taxonomy: {REMEDY}.")

    def resolve_all(self, names: Sequence[str]) -> list[str]:
        """The wnid of each class.

        Raises:
            ValueError: A name is unknown or ambiguous, or two are of the same synset.
        """
        first: dict[str, str] = {}
        for name in names:
            wnid = self.resolve(name)
            if first.setdefault(wnid, name) != name:
                raise ValueError(
                    f"The class names {first[wnid]!r} and {name!r} are both {wnid}: {REMEDY}."
                )
        return [self.resolve(name) for name in names]

    @cached_property
    def _by_terms(self) -> dict[frozenset[str], list[str]]:
        found: dict[frozenset[str], list[str]] = {}
        for wnid in sorted(self.terms):
            found.setdefault(_normalised(self.terms[wnid]), []).append(wnid)
        return found

    @cached_property
    def _by_term(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for terms, wnids in self._by_terms.items():
            for term in terms:
                found.setdefault(term, set()).update(wnids)
        return found

    def _with_all(self, terms: frozenset[str]) -> list[str]:
        sets = [self._by_term.get(term, set()) for term in terms]
        return sorted(set.intersection(*sets)) if sets else []


def _normalised(terms: Iterable[str]) -> frozenset[str]:
    return frozenset(
        normalise_term(term) for term in terms if any(letter.isalnum() for letter in term)
    )
