"""The corpus artifact: where its parts lie.

`corpus.txt` holds one article or paragraph a line, its tokens separated by a space, the
taxonomy's multi-word terms joined by underscores; `counts.parquet` how often each term occurs.
"""

CORPUS_FILE = "corpus.txt"
COUNTS_FILE = "counts.parquet"
FACTS_FILE = "corpus.json"
