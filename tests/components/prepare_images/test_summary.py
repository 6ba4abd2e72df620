from typing import Any

import pandas as pd
import pytest
from support.settings import unchecked

from components.prepare_images.listing import Listing, Source
from components.prepare_images.splits import Assigned
from components.prepare_images.summary import count_classes, left_out, report
from components.shared.settings.images import ImagesSettings

IMAGES = ("train/n1/a", "train/n1/b", "val/n1/c", "val/n1/d", "val/n2/e", "fall11/n3/f")
LISTING = Listing([Source(path, path) for path in IMAGES], [], {"n1", "n2", "n3"})
PARTS = {"a": "train", "b": "train", "c": "validation", "d": "test", "e": "test", "f": "test"}
INDEX = pd.DataFrame(
    {
        "wnid": [path.split("/")[1] for path in IMAGES],
        "split": [PARTS[path[-1]] for path in IMAGES],
        "length": 500_000,
    }
)


def config(**values: Any) -> ImagesSettings:
    given = {"uri": "here", "unseen": ["n2"], "zero_shot_splits": ["val", "fall11"], **values}
    return unchecked(ImagesSettings, **given)


def test_images_of_each_class_are_counted_by_split() -> None:
    classes = count_classes(config(), INDEX, LISTING)
    assert list(classes.columns) == ["wnid", "seen", "train", "validation", "test"]
    assert classes.to_numpy().tolist() == [
        ["n1", True, 2, 1, 1],
        ["n2", False, 0, 0, 1],
        ["n3", False, 0, 0, 1],
    ]


@pytest.mark.parametrize(
    ("wnid", "lost", "message"),
    [
        ("n1", ["train"], "All training images of the class n1 in here are unreadable: replace"),
        ("n1", ["validation", "test"], "All held-out images of the class n1 in here are"),
        ("n2", ["test"], "All held-out images of the class n2 in here are unreadable: replace"),
    ],
)
def test_a_class_that_is_needed_and_lost_its_images_is_refused(
    wnid: str, lost: list[str], message: str
) -> None:
    kept = INDEX[~(INDEX["wnid"].eq(wnid) & INDEX["split"].isin(lost))]
    with pytest.raises(ValueError, match=message):
        count_classes(config(), kept, LISTING)


def test_where_duplicates_are_left_out_the_refusal_names_them_too() -> None:
    kept = INDEX[INDEX["wnid"] != "n2"]
    with pytest.raises(ValueError, match="are unreadable or training images too: replace"):
        count_classes(config(leave_out_duplicates=True), kept, LISTING)


def test_a_class_that_is_unseen_by_nature_may_be_lost_unless_it_is_named() -> None:
    kept = INDEX[INDEX["wnid"] != "n3"]
    counted = count_classes(config(), kept, LISTING).set_index("wnid")
    assert counted.loc["n3", ["train", "validation", "test"]].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="held-out images of the class n3"):
        count_classes(config(unseen=["n2", "n3"]), kept, LISTING)


def test_what_no_part_takes_is_counted_by_the_sources_splits() -> None:
    taken = [Assigned(source, "train", True) for source in LISTING.images[:3]]
    assert left_out(LISTING, taken) == {"fall11": 1, "train": 0, "val": 2}


def facts(**more: Any) -> dict[str, Any]:
    return {"unreadable": [], "duplicates": [], "ignored_files": [], **more}


def test_what_was_packed_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    classes = count_classes(config(), INDEX, LISTING)
    assert report(INDEX, classes, facts()) == {
        "train_images": 2,
        "validation_images": 1,
        "test_images": 3,
        "seen_classes": 1,
        "unseen_classes": 2,
        "unseen_by_nature_classes": 0,
        "unreadable_images": 0,
        "duplicate_images": 0,
        "left_out_duplicate_images": 0,
        "listed_without_image": 0,
        "megabytes": 3.0,
    }
    assert capsys.readouterr().out == ""


def test_what_is_wrong_is_counted_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    classes = count_classes(config(), INDEX, LISTING)
    wrong = facts(
        unreadable=[{"path": f"val/n1/{number}", "reason": "cut"} for number in range(6)],
        duplicates=[{"path": "val/n1/d"}, {"path": "val/n2/e"}],
        left_out_duplicates=1,
        unseen_by_nature=1,
        ignored_files=["val/notes.txt"],
    )
    found = report(INDEX, classes, wrong)
    assert found["unreadable_images"] == 6
    assert (found["duplicate_images"], found["left_out_duplicate_images"]) == (2, 1)
    assert found["unseen_by_nature_classes"] == 1
    assert capsys.readouterr().out.splitlines() == [
        "images: left out 6 unreadable: val/n1/0 (cut), val/n1/1 (cut), val/n1/2 (cut), "
        "val/n1/3 (cut), val/n1/4 (cut) ...",
        "images: passed over 1 that are no images: val/notes.txt",
        "images: 2 held-out images are training images too, 1 of them left out: val/n1/d, val/n2/e",
        "images: 1 classes without training images are zero-shot",
    ]
