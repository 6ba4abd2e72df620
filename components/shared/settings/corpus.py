"""Settings of prepare_corpus."""

from typing import Literal

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, Texts, address, from_open_run, setting


class CorpusSettings(BaseModel):
    """What text to read and what a line of the corpus is."""

    model_config = STRICT

    uris: Texts = address(
        (),
        "Text to learn word vectors from: MediaWiki dumps, WikiExtractor's output (doc tags or "
        "JSON lines) or plain text, also bz2 or gz; files, folders or patterns, local or s3://, or "
        "http(s):// files; each is a task of its own.",
        required=True,
        of_graph=True,
    )
    unit: Literal["article", "paragraph"] = setting(
        "article", "What a line of the corpus is; a skip-gram window stops at its end."
    )
    maximum_tokens: int = setting(
        10_000,
        "Longer units are cut into lines of this; gensim trains on no more of a line than 10,000.",
        1,
        10_000,
    )
    part: str = from_open_run("", "The one of the addresses that a task reads.")
    sources: dict[str, str] = from_open_run({}, "State of what is read, by address.")
