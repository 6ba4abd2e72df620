"""Opens a text before a run as the stage will: the first article of a file of each kind.

What is wrong further on is left to the stage: whole texts take hours to read.
"""

import os
from contextlib import closing
from itertools import islice

from components.prepare_corpus.articles import read_articles
from components.shared.storage import store

FILES_LOOKED_AT = 100
KINDS_LOOKED_AT = 8


def look_at_text(uri: str) -> None:
    """Read the first article of a file of each ending.

    Args:
        uri: One of corpus_uris.

    Raises:
        ValueError: A file is broken, no text or in no format that is read; it is named, with the
            line.
    """
    seen: set[str] = set()
    for file in islice(store.found_files(uri), FILES_LOOKED_AT):
        ending = os.path.splitext(store.shown(file))[1]
        if ending not in seen and len(seen) < KINDS_LOOKED_AT:
            with closing(read_articles(file)) as articles:
                # An empty file is none of its kind.
                seen |= {ending} if next(articles, None) else set()
