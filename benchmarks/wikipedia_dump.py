"""From a Wikipedia dump to tokens, next to gensim's WikiCorpus, each in one process.

    python benchmarks/wikipedia_dump.py [dump.xml.bz2]

Without an argument it takes the piece of the English Wikipedia that gensim ships. Both unpack,
parse, clean and tokenise the same file in turns; gensim by the functions that WikiCorpus calls in
its worker processes. Tokens a second count the same kind of token on both sides: 2 to 15 letters,
which is all that gensim keeps (it drops one-letter words and numbers, and keeps tables' cells and
files' captions, which we drop). What stays the same across machines is the ratio.
"""

import bz2
import importlib.util
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import gensim
from gensim.corpora.wikicorpus import ARTICLE_MIN_WORDS, extract_pages, process_article
from rows import Missing, Row

from components.prepare_corpus.articles import read_articles
from components.prepare_corpus.markup import plain_text
from components.shared.artifacts.terms import tokenise

PIECE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
ROUNDS = 5
COMPARABLE = re.compile(r"[^\W\d_]{2,15}")

Tokens = Iterable[list[str]]
"""The tokens of each article."""


def ours(dump: str) -> Tokens:
    """Articles as prepare_corpus reads them."""
    for article in read_articles(dump):
        yield [token for paragraph in article for token in tokenise(plain_text(paragraph))]


def gensims(dump: str) -> Tokens:
    """Articles as WikiCorpus reads them."""
    with bz2.BZ2File(dump) as content:
        for title, text, page in extract_pages(content, ("0",)):
            tokens, _, _ = process_article((text, title, page))
            if len(tokens) >= ARTICLE_MIN_WORDS:
                yield tokens


def timed(read: Callable[[str], Tokens], dump: str) -> tuple[float, int]:
    """Seconds of processor time and number of tokens."""
    started = time.process_time()
    tokens = sum(map(len, read(dump)))
    return time.process_time() - started, tokens


def comparable(read: Callable[[str], Tokens], dump: str) -> tuple[int, int]:
    """Number of articles, and of tokens of the kind that both keep."""
    articles = list(read(dump))
    counts = Counter(token for article in articles for token in article)
    return len(articles), sum(n for token, n in counts.items() if COMPARABLE.fullmatch(token))


def mediawiki_parsers(dump: str) -> Tokens:
    """Articles as mwxml and mwparserfromhell read them."""
    import mwparserfromhell
    import mwxml

    with bz2.BZ2File(dump) as content:
        for page in mwxml.Dump.from_file(content):
            if page.namespace == 0 and not page.redirect:
                for revision in page:
                    yield tokenise(mwparserfromhell.parse(revision.text or "").strip_code())


OTHERS = {
    "gensim's WikiCorpus": ("gensim", gensims),
    "mwxml, mwparserfromhell": ("mwxml", mediawiki_parsers),
}
"""The package, and how it reads."""


def rows(is_quick: bool = False, dump: str = "") -> list[Row | Missing]:
    """Comparable tokens a second, next to both; each in one process and of processor time."""
    found: list[Row | Missing] = []
    dump = dump or default_dump()
    for other, (package, read) in OTHERS.items():
        name = f"corpus of a Wikipedia dump, one process; {other}"
        if importlib.util.find_spec(package) is None:
            found.append(Missing(name, f"pip install {other.replace(',', '')}"))
            continue
        seconds: dict[str, list[float]] = {"ours": [], "plain": []}
        for _ in range(1 if is_quick else 2):
            seconds["ours"].append(timed(ours, dump)[0])
            seconds["plain"].append(timed(read, dump)[0])
        fast, plain = (
            comparable(way, dump)[1] / min(seconds[whose])
            for whose, way in (("ours", ours), ("plain", read))
        )
        found.append(Row(name, fast, plain, None, "tokens/s"))
    return found


def default_dump() -> str:
    """The piece of the English Wikipedia that gensim ships."""
    return str(Path(gensim.__file__).parent / "test" / "test_data" / PIECE)


def main(dump: str) -> None:
    """Read the dump in turns, print times, tokens and the ratio."""
    readers = {"devise": ours, "gensim": gensims}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, read in readers.items():
            seconds[name].append(timed(read, dump)[0])
    rates = {}
    for name, read in readers.items():
        took, (articles, same) = statistics.median(seconds[name]), comparable(read, dump)
        rates[name] = same / took
        print(
            f"{name}: {took:.2f} s, {articles:,} articles, {timed(read, dump)[1]:,} tokens, "
            f"{same:,} of 2 to 15 letters: {rates[name]:,.0f} a second"
        )
    ratios = [slow / fast for fast, slow in zip(seconds["devise"], seconds["gensim"], strict=True)]
    print(f"{rates['devise'] / rates['gensim']:.2f} times gensim's tokens a second")
    print(f"{statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else default_dump())
