from components.prepare_images.listing import Source


def test_rows_are_read_as_they_lie_and_files_by_path() -> None:
    rows = [Source(f"train/n1/{2 - n}", "/t.parquet", row=n) for n in range(3)]
    files = [Source("train/n1/b", "/b"), Source("train/n1/a", "/c")]
    ordered = sorted([*reversed(rows), *files], key=lambda source: source.reading_order)
    assert ordered == [files[1], files[0], *rows]
