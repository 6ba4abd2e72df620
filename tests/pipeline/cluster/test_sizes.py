import pytest

from components.shared.settings.presets import PRESETS
from pipeline.cluster.sizes import FITTING, GPU_STAGES, SIZES, STAGES, Resources, with_gpus


@pytest.mark.parametrize("size", SIZES)
def test_a_size_has_every_stage(size: str) -> None:
    assert set(SIZES[size]) == set(STAGES)


def test_every_preset_has_a_size_that_fits_it() -> None:
    assert set(FITTING) == set(PRESETS)
    assert set(FITTING.values()) == set(SIZES)


def test_small_fits_a_node_of_two_cpus_and_8_gib_without_gpu_or_storage_class() -> None:
    for wanted in SIZES["small"].values():
        assert (wanted.requested_cpu, wanted.gpus, wanted.scratch) == ("200m", 0, "")
        assert wanted.cpu in ("1", "2")
        assert wanted.memory in ("1Gi", "2Gi")


@pytest.mark.parametrize("size", ["gpu", "paper"])
def test_the_other_sizes_have_one_gpu_where_it_is_used(size: str) -> None:
    assert {name: r.gpus for name, r in SIZES[size].items() if r.gpus} == dict.fromkeys(
        GPU_STAGES, 1
    )


@pytest.mark.parametrize("gpus", [0, 1, 4])
def test_the_number_of_gpus_is_that_of_every_stage_that_uses_them(gpus: int) -> None:
    for size in SIZES.values():
        found = {name: wanted.gpus for name, wanted in with_gpus(size, gpus).items()}
        assert found == {name: gpus if name in GPU_STAGES else 0 for name in STAGES}


@pytest.mark.parametrize(
    ("cpu", "threads"), [("500m", 1), ("0.5", 1), ("2500m", 2), ("2.5", 2), ("12", 12)]
)
def test_there_is_a_thread_for_each_whole_processor(cpu: str, threads: int) -> None:
    assert Resources(cpu=cpu).threads == threads


def test_a_processor_that_is_only_used_when_it_is_free_has_no_thread() -> None:
    assert Resources(cpu="2", requested_cpu="200m").threads == 1


@pytest.mark.parametrize(
    ("scratch", "expected"),
    [("", 0), ("10Gi", 10 * 2**30), ("500M", 500_000_000), ("2Ti", 2**41), ("3G", 3 * 10**9)],
)
def test_a_scratch_volume_has_bytes(scratch: str, expected: int) -> None:
    assert Resources(scratch=scratch).scratch_bytes == expected
