"""Parameters of prepare_corpus."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CorpusConfig:
    """What text to read and what a line of the corpus is.

    Attributes:
        uri: one element of `corpus_uris`: a file, a folder or a glob pattern, local or s3://, or a
            file's http(s):// address. Each file is a MediaWiki XML dump, WikiExtractor's output
            (doc tags or JSON lines) or plain text, also packed as bz2 or gz.
        unit: "article" or "paragraph": what one line of the corpus holds.
        maximum_tokens: longest line; a longer unit goes on in the next line. gensim trains on no
            more than 10,000 tokens of a line.
    """

    prefix: ClassVar[str] = "corpus"

    uri: str = ""
    unit: str = "article"
    maximum_tokens: int = 10_000
