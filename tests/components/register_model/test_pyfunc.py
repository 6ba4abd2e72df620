from typing import Any

import pandas as pd
import pytest

from components.register_model.registration import Inputs
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.labeller import predict

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
    for row, expected in enumerate(predict(list(images["image"]), inputs.devise_model)):
        labels, wnids, scores = zip(*expected, strict=True)
        assert found["labels"][row] == list(labels)
        assert found["wnids"][row] == list(wnids)
        assert found["scores"][row] == pytest.approx(scores)


def test_new_labels_are_separated_by_commas_and_have_no_wnid(
    model: Any, images: pd.DataFrame
) -> None:
    found = model.predict(None, images, {"labels": " teapot, whale shark ,, "})
    assert [sorted(row) for row in found["labels"]] == [["teapot", "whale shark"]] * 2
    assert found["wnids"].tolist() == [["", ""]] * 2


def test_no_more_labels_come_than_are_asked_for(model: Any, images: pd.DataFrame) -> None:
    found = model.predict(None, images, {"labels": "", "k": 1})
    assert [len(row) for row in found["scores"]] == [1, 1]


def test_what_is_no_image_and_what_has_no_vector_are_refused(
    model: Any, images: pd.DataFrame
) -> None:
    with pytest.raises(ValueError, match="image"):
        model.predict(None, pd.DataFrame({"image": [b"no image"]}))
    with pytest.raises(ValueError, match="zyzzyva"):
        model.predict(None, images, {"labels": "zyzzyva"})
