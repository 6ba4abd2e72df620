from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.shared.images.batches import normalised
from components.shared.ranking.labeller import Labeller
from pipeline.export.image_side import write_onnx
from pipeline.model import load_model

onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def model(model_run: Path) -> Labeller:
    return load_model(model_run)


@pytest.fixture(scope="module")
def session(model_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("onnx") / "image_side.onnx"
    write_onnx(model_run / "devise_model", file)
    assert [found.name for found in file.parent.iterdir()] == [file.name]
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_it_gives_the_points_and_the_labels_that_torch_gives_for_any_number_of_images(
    session: Any, model: Labeller, model_run: Path, count: int
) -> None:
    files = [model_run / name for name in ("one.jpg", "two.jpg")] * 3
    pixels = np.stack([model.decode(file) for file in files[:count]])
    batch = normalised(pixels, model.model.config.visual.view, model.model.projection.weight.device)
    (points,) = session.run(["points"], {"images": batch.contiguous().cpu().numpy()})
    assert points == pytest.approx(model.points_of(pixels), abs=1e-4)
    for own, other in zip(
        model.rank(files[:count], k=3, candidates="all"),
        model.rank_points(points, k=3, candidates="all"),
        strict=True,
    ):
        assert [label.wnid for label in own] == [label.wnid for label in other]
        assert [label.cosine for label in own] == pytest.approx(
            [label.cosine for label in other], abs=1e-4
        )
