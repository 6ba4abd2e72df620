import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from kfp.dsl import Dataset
from pydantic import BaseModel
from support.web_server import serving

from components.shared.execution.finished_stages import Unfinished, only_finished
from components.shared.execution.stage_run import StageRun
from components.shared.storage.fingerprint import source_state


class Config(BaseModel):
    factor: int = 2


class ReadsText(BaseModel):
    sources: dict[str, str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


class Doubling:
    """A stage that writes its input's number times a factor, and counts how often it worked."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path, self.times, self.attempt = tmp_path, 0, 0
        self.number = tmp_path / "number"
        self.number.write_text("21")

    def run(self, config: Config | None = None, version: str = "v1") -> str:
        self.attempt += 1
        result = Dataset(uri=str(self.tmp_path / f"result-{self.attempt}"))
        settings = config or Config()
        stage_run = StageRun(
            "double",
            version,
            settings,
            inputs={"number": Dataset(uri=str(self.number))},
            outputs={"result": result},
        )

        def work() -> Mapping[str, float]:
            self.times += 1
            factor = settings.factor
            Path(result.path).mkdir()
            (Path(result.path) / "number").write_text(str(int(self.number.read_text()) * factor))
            return {"factor": factor}

        stage_run.execute(work)
        assert result.metadata["checksum"]
        return (Path(result.path) / "number").read_text()


def test_a_finished_stage_is_not_done_again(folder: Path, tmp_path: Path) -> None:
    stage = Doubling(tmp_path)
    assert [stage.run(), stage.run()] == ["42", "42"]
    assert stage.times == 1


@pytest.mark.parametrize("change", ["parameter", "input", "code"])
def test_it_is_done_again_when_anything_that_matters_changes(
    folder: Path, tmp_path: Path, change: str
) -> None:
    stage = Doubling(tmp_path)
    stage.run()
    if change == "input":
        stage.number.write_text("5")
    stage.run(
        Config(factor=3) if change == "parameter" else None, "v2" if change == "code" else "v1"
    )
    assert stage.times == 2


def test_where_only_finished_results_are_wanted_a_stage_does_no_work_and_says_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Doubling(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with only_finished(), pytest.raises(Unfinished):
        stage.run()
    assert stage.times == 0
    assert not list(folder.glob("*/*"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    stage.run()
    with only_finished():
        assert stage.run() == "42"
    assert stage.times == 1


def test_without_a_runs_folder_nothing_is_kept(tmp_path: Path) -> None:
    stage = Doubling(tmp_path)
    stage.run()
    stage.run()
    assert stage.times == 2


def test_the_record_holds_what_makes_a_result_reproducible(folder: Path, tmp_path: Path) -> None:
    Doubling(tmp_path).run()
    (record,) = (json.loads(file.read_text()) for file in (folder / "tasks").glob("*.json"))
    assert record["parameters"] == {"factor": 2}
    assert record["code_version"] == "v1"
    assert record["packages"]["numpy"]
    assert set(record["inputs"]) == {"number"}
    assert record["metrics"] == {"factor": 2}
    assert record["reused"] is False


def test_a_result_killed_before_it_was_recorded_is_made_again(folder: Path, tmp_path: Path) -> None:
    stage = Doubling(tmp_path)
    stage.run()
    for record in (folder / "stages").rglob("finished.json"):
        record.unlink()
    assert stage.run() == "42"
    assert stage.times == 2


@pytest.mark.parametrize("damage", ["flipped", "gone", "record"])
def test_a_result_that_was_damaged_is_made_again_and_taken_the_next_time(
    folder: Path, tmp_path: Path, damage: str
) -> None:
    stage = Doubling(tmp_path)
    stage.run()
    (result,), (record,) = (list((folder / "stages").rglob(n)) for n in ("number", "finished.json"))
    changes: dict[str, Callable[[], object]] = {
        "flipped": lambda: result.write_text("24"),
        "gone": result.unlink,
        "record": lambda: record.write_bytes(record.read_bytes()[:-20]),
    }
    changes[damage]()
    assert [stage.run(), stage.run()] == ["42", "42"]
    assert stage.times == 2


def test_an_input_that_is_not_what_its_stage_left_is_refused(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("21")
    number = Dataset(uri=str(tmp_path / "number"), metadata={"checksum": "0" * 32})

    def work() -> Mapping[str, float]:
        raise AssertionError("the stage began")

    for inputs in ({"number": number}, {"number": [number]}):
        with pytest.raises(ValueError, match=r"double: its input number \(.*number\) is damaged"):
            StageRun("double", "v1", Config(), inputs=inputs).execute(work)


@pytest.fixture(name="text")
def folder_of_text(tmp_path: Path) -> Path:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "b.txt").write_text("sharks")
    return tmp_path / "text"


def test_a_stage_does_not_work_on_a_source_that_changed_since_the_run_was_opened(
    folder: Path, text: Path
) -> None:
    def work() -> Mapping[str, float]:
        raise AssertionError("the stage began")

    config = ReadsText(sources={str(text): source_state(str(text))})
    (text / "a.txt").write_text("crabs")
    with pytest.raises(ValueError, match=r"text' changed since the run was opened: start the run"):
        StageRun("read", "v1", config).execute(work)


def test_what_came_of_a_source_that_changed_meanwhile_is_not_kept(folder: Path, text: Path) -> None:
    def work() -> Mapping[str, float]:
        (text / "a.txt").write_text("crabs")
        return {}

    config = ReadsText(sources={str(text): source_state(str(text))})
    with pytest.raises(ValueError, match=r"text' changed since the run was opened: start the run"):
        StageRun("read", "v1", config).execute(work)
    assert not list(folder.rglob("finished.json"))


def test_an_address_whose_signature_runs_out_during_the_work_is_not_asked_again(
    folder: Path, text: Path
) -> None:
    def work() -> Mapping[str, float]:
        (text / "b.txt").unlink()
        return {}

    with serving(text) as server:
        uri = f"{server.url}/b.txt?signature=secret"
        StageRun("read", "v1", ReadsText(sources={uri: source_state(uri)})).execute(work)
    assert list(folder.rglob("finished.json"))


def test_what_is_done_when_a_result_is_reused_is_not_done_when_it_is_made(folder: Path) -> None:
    done: list[str] = []
    for times in (0, 1, 2):
        StageRun("double", "v1", Config()).execute(
            lambda: {}, lambda: done.append("always"), lambda: done.append("reused")
        )
        assert done.count("reused") == times
    assert done.count("always") == 3


def with_state(tmp_path: Path) -> tuple[StageRun, Dataset]:
    """A stage that has done its work and kept state meanwhile, and what came of it."""
    made = Dataset(uri=str(tmp_path / "made"))
    uri = str(tmp_path / "state")
    run = StageRun("make", "v1", Config(), outputs={"made": made}, checkpoints_uri=uri)

    def work() -> Mapping[str, float]:
        run.checkpoints.save("half", {}, {})
        Path(made.path).write_text("whole")
        return {}

    run.execute(work)
    run.forget()
    return run, made


def test_on_this_machine_state_is_forgotten_once_the_result_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    run, made = with_state(tmp_path)
    assert run.checkpoints.load("half") is None
    assert set(made.metadata) == {"checksum", "code_version"}


def test_on_a_cluster_state_is_forgotten_by_who_takes_the_result_in(tmp_path: Path) -> None:
    run, made = with_state(tmp_path)
    assert run.checkpoints.load("half")
    damaged = Dataset(uri=made.uri, metadata={**made.metadata, "checksum": "0" * 32})
    with pytest.raises(ValueError, match="is damaged"):
        StageRun("use", "v1", Config(), inputs={"made": [damaged]}).execute(lambda: {})
    assert run.checkpoints.load("half")
    StageRun("use", "v1", Config(), inputs={"made": [made, made]}).execute(lambda: {})
    assert run.checkpoints.load("half") is None


def test_a_failing_stage_leaves_its_own_error_in_the_runs_folder(folder: Path) -> None:
    def work() -> Mapping[str, float]:
        raise ValueError("images_uri holds no class")

    with pytest.raises(ValueError, match="holds no class"):
        StageRun("prepare_images", "v1", Config()).execute(work)
    failure = json.loads((folder / "failures" / "prepare_images.json").read_text())
    assert failure["message"] == "images_uri holds no class"
    assert failure["type"] == "ValueError"


def test_variants_of_a_stage_have_records_and_checkpoints_of_their_own(folder: Path) -> None:
    first = StageRun("train_devise", "v1", Config(factor=1), variant="devise")
    second = StageRun("train_devise", "v1", Config(factor=2), variant="random")
    assert first.task == "train_devise-devise"
    assert first.checkpoints.uri != second.checkpoints.uri


def test_a_stage_says_what_it_was_given_before_it_works(folder: Path, tmp_path: Path) -> None:
    def work() -> Mapping[str, float]:
        (record,) = (json.loads(file.read_text()) for file in (folder / "started").glob("*.json"))
        assert record == {"task": "double", "parameters": {"factor": 5}}
        return {}

    StageRun("double", "v1", Config(factor=5)).execute(work)


def test_a_stage_does_not_start_with_other_code_than_was_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def work() -> Mapping[str, float]:
        raise AssertionError("the stage began")

    monkeypatch.setenv("DEVISE_CODE_VERSION", "0123456789abcdef")
    with pytest.raises(ValueError, match="The image of evaluate holds other code"):
        StageRun("evaluate", "0123456789abcdef", Config()).execute(work)


def test_what_a_report_says_of_the_run_does_not_make_another_task_of_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    for command in ("python pipeline.py run", "python pipeline.py run --output elsewhere"):
        monkeypatch.setenv("DEVISE_COMMAND", command)
        stage_run = StageRun("double", "v1", Config())
        assert stage_run.facts()["command"] == command
        assert stage_run.facts()["run_name"] == folder.name
        keys.append(stage_run.key)
    assert keys[0] == keys[1]


def test_the_seconds_of_a_stage_are_those_of_all_its_parts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taking(seconds: float) -> Callable[[], Mapping[str, float]]:
        def work() -> Mapping[str, float]:
            now[0] += seconds
            return {}

        return work

    now = [1000.0]
    monkeypatch.setattr("components.shared.execution.stage_run.time.time", lambda: now[0])
    for factor, seconds in ((1, 2.5), (2, 4.25)):
        StageRun("parts", "v1", Config(factor=factor)).execute(taking(seconds))
    StageRun("double", "v1", Config()).execute(taking(1.0))
    assert StageRun("told", "v1", Config()).facts()["stage_seconds"] == {"parts": 6.8, "double": 1}
