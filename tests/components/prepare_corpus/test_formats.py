import io
import json
import tarfile

import pytest

from components.prepare_corpus.formats import refuse_other_bytes, refuse_other_markup


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        opened.addfile(tarfile.TarInfo("a.txt"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (tar(), "a tar archive"),
        (b"PK\x03\x04\x14\0", "a zip archive or an office document"),
        (b"\x1f\x8b\x08\0", "packed twice"),
        (b"\xfd7zXZ\0\0", "packed as xz"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"{\\rtf1\\ansi", "rich text"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_kind(head: bytes, kind: str) -> None:
    with pytest.raises(ValueError, match=f"all.x is {kind}, which is not read: unpack it, or"):
        refuse_other_bytes("all.x", head)


@pytest.mark.parametrize(
    "beginning",
    [
        *("<!DOCTYPE html><html><body>", "<html lang='en'><p>", "<!-- a --> text", "<?php"),
        *("<feed>\n<doc>\n", " <revision>\n  <text>", "</page>\n", "<doc>\n"),
        *('[{"text": "a"}]', "[\n " + json.dumps({"text": "a"})),
    ],
)
def test_other_markup_is_refused_by_its_beginning(beginning: str) -> None:
    with pytest.raises(
        ValueError, match=r"a\.xml is (XML or HTML|a JSON array) of a kind that is not"
    ):
        refuse_other_markup("a.xml", beginning)


@pytest.mark.parametrize(
    "beginning",
    [
        *("", "text", "<3 is a heart", "<unk> of the <unk>", "<b>Bold</b> words\n", "<< a >>\n"),
        *("[1] A note", '["quoted"] words', "{{template}}", "#!/bin/sh"),
    ],
)
def test_text_that_only_looks_a_little_like_it_is_read(beginning: str) -> None:
    refuse_other_bytes("a.txt", beginning.encode())
    refuse_other_markup("a.txt", beginning)
