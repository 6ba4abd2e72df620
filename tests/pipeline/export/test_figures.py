import json
from pathlib import Path

import mlflow
import pytest

from components.shared.model_description import Figure
from pipeline.export.figures import figures_of

METRICS = {
    "devise/seen/flat_hit_at_1": 0.5,
    "devise/seen/images": 20,
    "devise/unseen/flat_hit_at_1": 0.25,
    "devise_l2/seen/flat_hit_at_5": 0.9,
}
FOUND = [Figure("seen", "flat_hit_at_1", 0.5), Figure("unseen", "flat_hit_at_1", 0.25)]


def test_a_run_has_those_of_its_main_model_and_so_has_the_model_in_it(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    assert figures_of(str(tmp_path)) == figures_of(str(tmp_path / "devise_model")) == FOUND


def test_a_model_alone_has_none(tmp_path: Path) -> None:
    assert figures_of(str(tmp_path)) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_version_in_mlflow_has_those_that_were_written_on_it(database: str) -> None:
    client = mlflow.MlflowClient(database)
    client.create_registered_model("tiny")
    tags = {f"test/{name.removeprefix('devise/')}": str(value) for name, value in METRICS.items()}
    version = client.create_model_version("tiny", "/nowhere", tags=tags).version
    client.set_registered_model_alias("tiny", "champion", version)
    for address in ("models:/tiny@champion", f"models:/tiny/{version}"):
        assert figures_of(address) == FOUND
    assert figures_of("runs:/abc/model") == []
