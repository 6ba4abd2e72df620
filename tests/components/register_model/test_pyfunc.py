from typing import Any

import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from components.register_model.registration import Inputs
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.labeller import read_labeller

# MLflow's own: deprecations inside it, and advice to give type hints.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint.*:UserWarning"),
]


@pytest.fixture(scope="module")
def images(inputs: Inputs) -> pd.DataFrame:
    store = ImageStore(read_index(inputs.image_index))
    return pd.DataFrame({"image": [store.read(row) for row in (0, 30)]})


@pytest.fixture
def model(inputs: Inputs) -> Any:
    """The model with its context loaded, as MLflow loads it."""
    from mlflow.pyfunc.model import PythonModelContext

    from components.register_model.pyfunc import DeviseLabels

    loaded = DeviseLabels()
    artifacts = {"devise_model": str(inputs.devise_model)}
    context = PythonModelContext(artifacts, {})  # type: ignore[no-untyped-call]
    loaded.load_context(context)
    return loaded


def test_an_image_has_a_row_of_its_best_labels_their_wnids_and_cosines(
    model: Any, images: pd.DataFrame, inputs: Inputs
) -> None:
    found = model.predict(None, images)
    assert list(found.columns) == ["labels", "wnids", "scores"]
    expected = read_labeller(inputs.devise_model).rank(list(images["image"]))
    for row, ranked in enumerate(expected):
        assert found["labels"][row] == [label.label for label in ranked]
        assert found["wnids"][row] == [label.wnid for label in ranked]
        assert found["scores"][row] == pytest.approx([label.cosine for label in ranked])


def test_new_labels_are_separated_by_commas_and_have_no_wnid(
    model: Any, images: pd.DataFrame
) -> None:
    found = model.predict(None, images, {"labels": " teapot, whale shark ,, "})
    assert [sorted(row) for row in found["labels"]] == [["teapot", "whale shark"]] * 2
    assert found["wnids"].tolist() == [["", ""]] * 2


def test_no_more_labels_come_than_are_asked_for(model: Any, images: pd.DataFrame) -> None:
    found = model.predict(None, images, {"labels": "", "k": 1})
    assert [len(row) for row in found["scores"]] == [1, 1]


def test_labels_without_training_images_are_ranked_where_they_are_asked_for(
    model: Any, images: pd.DataFrame
) -> None:
    found = model.predict(None, images, {"candidates": "unseen"})
    assert {wnid for row in found["wnids"] for wnid in row} == {"n00000005", "n00000006"}


@pytest.mark.parametrize(
    ("image", "params", "told"),
    [
        (b"no image", {}, "Image 1 cannot be read"),
        ("/etc/hostname", {}, "The column 'image' holds no bytes"),
        (None, {"labels": "zyzzyva"}, "The label 'zyzzyva' has no vector"),
        (None, {"candidates": "some"}, "among 'some': choose seen or unseen or all"),
        (None, {"k": 0}, "k is 0: ask for one label or more"),
    ],
)
def test_what_the_caller_can_mend_is_a_sentence_with_a_code_that_is_400(
    model: Any,
    images: pd.DataFrame,
    image: bytes | str | None,
    params: dict[str, Any],
    told: str,
) -> None:
    given = images if image is None else pd.DataFrame({"image": [image]})
    with pytest.raises(MlflowException, match=told) as refused:
        model.predict(None, given, params)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
