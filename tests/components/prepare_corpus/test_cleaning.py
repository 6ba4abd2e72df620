from collections import Counter

from components.prepare_corpus.cleaning import Cleaned, Cleaner, clean
from components.prepare_corpus.joining import term_trie
from components.prepare_corpus.mediawiki_dump import Page

TRIE = term_trie(["great_white_shark"])


def test_an_article_becomes_lines_of_so_many_tokens() -> None:
    counts = Counter({"swims": 1})
    cleaned = clean(Cleaner(TRIE, "article", 3), ["A great white", "shark swims."], counts)
    assert cleaned == Cleaned("a great white\nshark swims\n", 5, 2, 1)
    assert counts == {"a": 1, "great": 1, "white": 1, "shark": 1, "swims": 2}


def test_a_page_of_a_dump_is_cleaned_here_or_left_out_with_the_reason() -> None:
    cleaner = Cleaner(TRIE, "paragraph", 10)
    page = Page(title="Shark", namespace="0", text="A [[great white shark]].\n\nIt swims.")
    assert clean(cleaner, page, Counter()).text == "shark\na great_white_shark\nit swims\n"
    redirect = Page(title="Hai", namespace="0", text="#REDIRECT [[Shark]]")
    assert clean(cleaner, redirect, Counter()) == Cleaned("", left_out="redirects")


def test_an_article_without_a_word_is_left_out() -> None:
    for empty in ([], ["..."]):
        cleaned = clean(Cleaner(TRIE, "article", 10), empty, Counter())
        assert cleaned == Cleaned("", left_out="empty_articles")
