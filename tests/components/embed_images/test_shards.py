from pathlib import Path

import pytest

from components.embed_images.shards import check_free_space


def test_features_larger_than_the_disk_are_refused_with_their_size(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"10,000,000,000 crops take 81920.0 GB, but .* GB free"):
        check_free_space(10_000_000_000, 4096, str(tmp_path))


def test_an_object_store_has_room() -> None:
    check_free_space(10_000_000_000, 4096, "s3://bucket/images")
