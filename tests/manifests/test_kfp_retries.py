"""The change of the workflow controller's retry policy, on a ConfigMap as an install has it."""

from pathlib import Path
from typing import Any

import yaml
from support.kustomize import copied, kustomize

# As Kubeflow Pipelines 2.17 installs it, with values that an install may have of its own.
INSTALLED = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: workflow-controller-configmap
  namespace: kubeflow
  resourceVersion: "238"
  labels: {app: of-the-install}
data:
  artifactRepository: |
    archiveLogs: true
    s3:
      endpoint: "seaweedfs.kubeflow.svc:9000"
  executor: |
    imagePullPolicy: IfNotPresent
  workflowDefaults: |
    spec:
      ttlStrategy:
        secondsAfterCompletion: 86400
        secondsAfterFailure: 3600
      templateDefaults:
        retryStrategy:
          limit: '2'
          retryPolicy: OnError
"""


def changed(installed: str, folder: Path) -> dict[str, Any]:
    """The ConfigMap that would be applied."""
    target = copied(folder) / "kfp-retries"
    (target / "installed.yaml").write_text(installed)
    (found,) = kustomize(target)
    return found


def test_a_tasks_own_limit_holds_and_every_failure_counts(tmp_path: Path) -> None:
    defaults = yaml.safe_load(changed(INSTALLED, tmp_path)["data"]["workflowDefaults"])
    retry = defaults["spec"]["templateDefaults"]["retryStrategy"]
    assert retry == {"limit": "0", "retryPolicy": "Always"}


def test_what_else_is_installed_stays(tmp_path: Path) -> None:
    before, after = yaml.safe_load(INSTALLED), changed(INSTALLED, tmp_path)
    defaults = [yaml.safe_load(found["data"].pop("workflowDefaults")) for found in (before, after)]
    assert before == after
    for found in defaults:
        del found["spec"]["templateDefaults"]["retryStrategy"]
    assert defaults[0] == defaults[1]


def test_the_change_may_be_made_again(tmp_path: Path) -> None:
    once = changed(INSTALLED, tmp_path / "once")
    assert changed(yaml.safe_dump(once), tmp_path / "again") == once
