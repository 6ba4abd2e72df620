import dataclasses
import json
from pathlib import Path

import pytest

from components.shared.execution.pod import LEAST_SHARE
from components.shared.settings.presets import values_of
from pipeline.cluster.resources import SHARE_OF_IMAGES
from pipeline.cluster.sizes import SIZES
from pipeline.documentation.scale import (
    CPU,
    GPU,
    Counts,
    Rates,
    Run,
    Work,
    cost_table,
    evaluate_memory,
    memory_sentence,
    stages_table,
    works,
)

PAPER = {work.stage: work for work in works(Run())}


def test_the_page_has_the_tables_that_the_formula_gives(project: Path) -> None:
    page = (project / "docs" / "scale.md").read_text()
    found = works(Run())
    assert stages_table(found) in page
    assert cost_table(found) in page
    assert memory_sentence(Run()) in page


@pytest.mark.parametrize("stage", PAPER)
def test_a_stage_is_given_twice_its_hours_since_rates_are_assumed(stage: str) -> None:
    assert 2 * PAPER[stage].hours <= SIZES["paper"][stage].hours


def test_evaluate_has_the_memory_that_the_figures_of_all_images_take() -> None:
    given = SIZES["paper"]["evaluate"].memory_bytes
    assert evaluate_memory(Run()) <= given / 2
    # As floats, there twice while they were put together, figures alone were above it.
    more = evaluate_memory(Run()) - evaluate_memory(Run(counts=Counts(zero_shot=0)))
    figures = more - Rates().evaluated * Counts().zero_shot
    assert 2 * 8 * figures > given


def test_scratch_volumes_have_room_for_the_joined_text_and_a_part_of_the_test_images() -> None:
    size = SIZES["paper"]
    skipgram, ranked = PAPER["train_skipgram"], PAPER["rank_images"]
    assert skipgram.written <= LEAST_SHARE * size["train_skipgram"].scratch_bytes
    assert ranked.read / ranked.tasks <= SHARE_OF_IMAGES * size["rank_images"].scratch_bytes


def test_parts_are_those_of_the_settings() -> None:
    values = values_of("paper", ["images_parts=3", "evaluate_parts=5"])
    found = {work.stage: work for work in works(Run(values=values))}
    assert (found["pack_images"].tasks, found["rank_images"].tasks) == (3, 5)
    whole = values_of("paper", [])
    for stage, name in (("pack_images", "images_parts"), ("rank_images", "evaluate_parts")):
        assert PAPER[stage].tasks == whole[name]
        assert found[stage].node_hours == pytest.approx(PAPER[stage].node_hours)


def test_rows_are_as_many_as_a_run_had(project: Path) -> None:
    kept = next((project / "docs" / "runs" / "tiny_imagenet").glob("fold_*/run.json")).parent
    parameters = json.loads((kept / "run.json").read_text())["parameters"]
    figures = json.loads((kept / "metrics.json").read_text())
    rows = {name.partition("/")[0] for name in figures} - {"chance", "label_space"}
    assert Run(values=parameters).rows + len(parameters["evaluate_penalties"]) == len(rows)


def test_each_set_of_labels_is_ranked_by_every_row() -> None:
    values = values_of("paper", ["evaluate_zero_shot_sets=all"])
    alone, rates = Run(values=values), Rates(embedded=float("inf"))
    both = Run(values=values_of("paper", ["evaluate_zero_shot_sets=all,mine=s3://mine"]))
    assert both.tested == 2 * alone.tested == 2 * Counts().zero_shot
    one, two = (
        {work.stage: work for work in works(dataclasses.replace(run, rates=rates))}
        for run in (alone, both)
    )
    # Each row ranks a set, the set with the seen labels, and the seen labels.
    rankings = one["rank_images"].seconds * rates.ranked / Counts().zero_shot
    assert rankings == pytest.approx(3 * alone.label_rows)
    for stage in ("rank_images", "evaluate"):
        assert two[stage].seconds == pytest.approx(2 * one[stage].seconds)
        assert two[stage].written == pytest.approx(2 * one[stage].written)


def test_tasks_side_by_side_shorten_the_hours_and_not_the_cost() -> None:
    alone = Work("prepare_corpus", CPU, 7200)
    both = dataclasses.replace(alone, tasks=2)
    assert (alone.hours, both.hours) == (2, 1)
    assert alone.cost({CPU: 3, GPU: 9}) == both.cost({CPU: 3, GPU: 9}) == 6


def test_a_task_costs_the_share_of_a_node_that_it_asks_for() -> None:
    shares = {stage: work.share for stage, work in PAPER.items()}
    assert shares["prepare_corpus"] == float(SIZES["paper"]["prepare_corpus"].cpu) / 16
    # Its memory is that of a whole node, and nobody shares a GPU.
    assert shares["evaluate"] == shares["rank_images"] == 1
    quarter = Work("prepare_corpus", CPU, 7200, share=0.25)
    assert (quarter.hours, quarter.node_hours, quarter.cost({CPU: 3})) == (2, 0.5, 1.5)


def test_no_stage_grows_faster_than_the_data() -> None:
    ten = Counts(train=1.28e7, zero_shot=13e7, words=5.4e10)
    for small, large in zip(works(Run()), works(Run(counts=ten)), strict=True):
        assert large.seconds == pytest.approx(10 * small.seconds)
        assert large.read == pytest.approx(10 * small.read, rel=1e-6)
    assert evaluate_memory(Run(counts=ten)) <= 10 * evaluate_memory(Run())


def test_twice_the_pace_is_half_the_hours_of_its_stage_alone() -> None:
    before, after = works(Run()), works(Run(rates=Rates(learned=8e5)))
    changed = [b.stage for b, a in zip(before, after, strict=True) if b.seconds != a.seconds]
    assert changed == ["train_skipgram"]
    assert after[1].hours == pytest.approx(before[1].hours / 2)


def test_the_text_is_written_once_more_where_phrases_are_learned() -> None:
    values = values_of("paper", ["skipgram_phrase_passes=0"])
    plain, text = works(Run(values=values))[1], Counts().words * Counts().word
    assert PAPER["train_skipgram"].written - plain.written == text
    # Two passes learn phrases, and one joins them.
    assert PAPER["train_skipgram"].read - plain.read == 3 * text
