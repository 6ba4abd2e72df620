import io

from components.shared.storage.ranged import RangedFile

CONTENT = bytes(range(200))


def test_it_reads_as_a_file_does_and_fetches_only_what_is_read() -> None:
    asked: list[tuple[int, int]] = []

    def fetched(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return CONTENT[offset : offset + length]

    ranged, whole = RangedFile(len(CONTENT), fetched), io.BytesIO(CONTENT)
    for offset, whence, length in ((10, 0, 5), (-4, 2, 10), (-8, 1, 3), (0, 2, 4), (7, 0, 2)):
        assert ranged.seek(offset, whence) == whole.seek(offset, whence)
        assert ranged.read(length) == whole.read(length)
        assert ranged.tell() == whole.tell()
    assert asked == [(10, 5), (196, 4), (192, 3), (7, 2)]
