import pytest

from components.shared.storage.patterns import before_pattern, below, fixed_folder, is_pattern


@pytest.mark.parametrize(
    ("uri", "before", "folder"),
    [
        ("/data/a/*.txt", "/data/a/", "/data/a/"),
        ("/data/a[12]/b?/c", "/data/a", "/data/"),
        ("s3://bucket/enwiki-?.bz2", "s3://bucket/enwiki-", "s3://bucket/"),
        ("*.txt", "", ""),
        ("/*", "/", "/"),
    ],
)
def test_a_pattern_begins_with_what_is_fixed(uri: str, before: str, folder: str) -> None:
    assert is_pattern(uri)
    assert before_pattern(uri) == before
    assert fixed_folder(uri) == folder


def test_a_plain_address_is_no_pattern() -> None:
    assert not is_pattern("/data/a.txt")
    assert before_pattern("/data/a.txt") == "/data/a.txt"


@pytest.mark.parametrize(
    ("uri", "file", "path"),
    [
        ("/data/a", "/data/a/b/c.txt", "b/c.txt"),
        ("/data/a.txt", "/data/a.txt", ""),
        ("/data/a/*.txt", "/data/a/b.txt", "b.txt"),
        ("/data/run[1]", "/data/run[1]/a/b.txt", "a/b.txt"),
        ("/data/run[1]/", "/data/run[1]/a/b.txt", "a/b.txt"),
        ("/data/run[1]", "/data/run1/a/b.txt", "run1/a/b.txt"),
        ("s3://bucket/a*", "s3://bucket/a*/b", "b"),
    ],
)
def test_a_file_has_a_path_below_what_stands_for_it(uri: str, file: str, path: str) -> None:
    assert below(uri, file) == path
