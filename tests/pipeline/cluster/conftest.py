import pytest
import yaml
from support.compiled import Compiled

from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.form import default_values


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The pipeline, and what each task asks of Kubernetes."""
    file = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
    cluster = Cluster(registry="registry.example/team", tag="1.0")
    write_pipeline(default_values("paper"), cluster, file)
    specification, platform = yaml.safe_load_all(file.read_text())
    return specification, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
