import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.hub_parquet import hub_parquet


def test_a_parquet_file_holds_images_of_the_split_in_its_name() -> None:
    item = Item("data/validation-00000-of-00004.parquet", "/images/x")
    assert hub_parquet(item, Asked()) == Found("val", origin="parquet data validation")
    found = hub_parquet(item, Asked({"validation"}))
    assert found == Found("validation", origin="parquet data validation")


def test_other_files_and_members_of_tars_are_left_to_other_layouts() -> None:
    assert hub_parquet(Item("data/train.jpg", "/images/x"), Asked()) is None
    assert hub_parquet(Item("train.parquet", "/images/t.tar", tar="t.tar"), Asked()) is None


def test_a_name_without_a_split_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'data/-1\.parquet': images must lie as"):
        hub_parquet(Item("data/-1.parquet", "/images/x"), Asked())
