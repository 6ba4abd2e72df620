from dataclasses import replace

from support.report import with_test

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.summary import sentences, shown_models, summary_section


def test_the_summary_is_three_sentences_of_figures(data: ReportData) -> None:
    three = sentences(data)
    assert len(three) == 3
    assert "20 test images of the 4 classes" in three[0]
    assert "the right one of 3" in three[2]


def test_no_figure_beyond_the_labels_there_are_is_told(data: ReportData) -> None:
    # Of four seen labels five are never ranked; of the seven of both kinds they are.
    assert sentences(data)[1].endswith("is not measured: there are 4 labels to rank.")
    text = join(summary_section(data)).text
    assert "Seen classes: first label right" in text
    assert "Seen classes: first five" not in text
    assert "Zero-shot (unseen), seen classes compete: first five" in text


def test_where_there_are_enough_labels_nearness_is_told(data: ReportData) -> None:
    seen = data.candidates("seen")
    more = replace(seen, members=(*seen.members, "n90000001"))
    sets = [more if one is seen else one for one in data.sets]
    assert sentences(replace(data, sets=sets))[1].startswith("Of its first five labels ")


def test_the_summary_claims_a_difference_only_where_the_interval_leaves_zero_out(
    data: ReportData,
) -> None:
    above, below, open_ = ((0.02, 0.01, 0.03), (-0.02, -0.03, -0.01), (0.02, -0.01, 0.05))
    assert "2.0 points above the softmax" in sentences(with_test(data, *above))[0]
    assert "2.0 points below the softmax" in sentences(with_test(data, *below))[0]
    undecided = sentences(with_test(data, *open_))[0]
    assert "do not tell apart from the softmax" in undecided
    assert "points above" not in undecided
    assert "points below" not in undecided


def with_variants(data: ReportData, **hits: float) -> ReportData:
    """The data of a run with variants like DeViSE but for their flat hit@1 on the seen classes."""
    own = {key: value for key, value in data.metrics.items() if key.startswith("devise/")}
    metrics = {f"{name}/{key.partition('/')[2]}": own[key] for name in hits for key in own}
    given = {f"{name}/seen/flat_hit_at_1": hit for name, hit in hits.items()}
    answers = {(name, "seen"): data.answers["devise", "seen"] for name in hits}
    return replace(
        data,
        metrics={**data.metrics, **metrics, **given},
        answers={**data.answers, **answers},
        models=(*data.models, *hits),
        artifacts=replace(data.artifacts, variants={name: {} for name in hits}),
    )


def test_the_highest_of_the_variants_is_named_by_its_figure(data: ReportData) -> None:
    assert "variant" not in " ".join(sentences(data))
    one = sentences(with_variants(data, devise_l2=0.125))
    assert one[0].endswith("; its variant “DeViSE, l2” reaches 12.5 %.")
    two = sentences(with_variants(data, devise_l2=0.125, mine=0.25))
    assert two[0].endswith("; the highest of its 2 variants, “mine”, reaches 25.0 %.")
    assert "variant" not in two[2], "they did not answer the zero-shot set"
    saw = sentences(with_variants(data, devise_l2=0.125, devise_saw_images_clip=0.5))
    assert saw[0].endswith("; its variant “DeViSE, l2” reaches 12.5 %.")


def test_variants_on_random_vectors_are_none_of_devise(data: ReportData) -> None:
    one = sentences(with_variants(data, devise_l2=0.125, random_best=0.25))
    assert one[0].endswith("; its variant “DeViSE, l2” reaches 12.5 %.")


def test_a_card_has_of_each_kind_the_row_called_by_it_and_the_strongest(data: ReportData) -> None:
    hits = {f"{model}/seen/flat_hit_at_1": 0.0 for model in data.models} | {
        "softmax_hierarchy/seen/flat_hit_at_1": 0.5
    }
    more = with_variants(data, devise_l2=0.125, mine=0.25, random_best=0.0)
    shown = shown_models(replace(more, metrics={**more.metrics, **hits}), "seen", "flat_hit_at_1")
    assert [model for model in shown if "softmax" in model] == ["softmax", "softmax_hierarchy"]
    assert {"devise", "mine", "random", "conse", "exem", "eszsl", "dgp"} <= set(shown)
    assert not {"devise_l2", "random_best", "conse_hierarchy"} & set(shown)
