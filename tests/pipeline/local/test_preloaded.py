import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="tasks are forks on Linux alone")
def test_what_tasks_are_forks_of_has_all_they_need_and_no_thread(project: Path) -> None:
    code = """
import os, sys
import pipeline.local.preloaded as preloaded
names = ("torch", "gensim", "components.evaluate.evaluation", "components.train_devise")
for name in (*names, *preloaded.DATABASE):
    assert name in sys.modules, name
assert preloaded.modules_of("evaluate")[0].startswith("components.")
tasks = os.listdir("/proc/self/task")
names = [open(f"/proc/self/task/{task}/comm").read().strip() for task in tasks]
# A fork has none of the others; pyarrow's allocator makes its own again.
print("threads:", len([name for name in names if name != "jemalloc_bg_thd"]))
"""
    database = "sqlite:////nowhere/mlflow.db"
    environment = {"OMP_NUM_THREADS": "1", "PATH": "", "MLFLOW_TRACKING_URI": database}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "threads: 1" in done.stdout, done.stderr


def test_what_is_edited_after_the_imports_changes_no_version(project: Path, tmp_path: Path) -> None:
    for part in ("components", "pipeline"):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(project / part, tmp_path / part, ignore=left_out)
    code = """
import pipeline.local.preloaded
from components.shared.execution.code_version import code_version, hash_of, source_files
before = hash_of(source_files("evaluate"))
with open("components/evaluate/evaluation.py", "a") as file:
    file.write("# Edited.\\n")
assert hash_of(source_files("evaluate")) != before
assert code_version("evaluate") == before
"""
    environment = {"OMP_NUM_THREADS": "1", "PATH": ""}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
