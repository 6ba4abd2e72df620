import pytest

from pipeline.cluster.stage_names import known_stage


def test_a_stage_is_known_by_its_name() -> None:
    assert known_stage("train_devise") == "train_devise"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("train_devse", r"did you mean train_devise\?"),
        ("x", "there are open_run, prepare_taxonomy"),
    ],
)
def test_an_unknown_one_is_refused_with_what_may_have_been_meant(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"There is no stage '{name}': {hint}"):
        known_stage(name)
