from support.experiment import Experiment

from components.shared.model_description import Figure, describe, figures_among


def test_a_model_is_described_with_what_it_knows_and_how_good_it_is(
    experiment: Experiment,
) -> None:
    model = experiment.devise_model
    text = describe(model, "tiny", [Figure("seen", "flat_hit_at_1", 0.5)], "More.")
    for words in ("# tiny\n", "4 trained on, 3 others", "More.", "## Limits"):
        assert words in text
    assert "| the labels trained on, among themselves | hit@1 | 50.0% |" in text
    assert "None came with the model" in describe(model, "tiny", [])


def test_of_many_figures_few_are_shown_in_one_order() -> None:
    metrics = {
        "unseen/flat_hit_at_1": 0.1,
        "seen/flat_hit_at_20": 0.9,
        "seen/hierarchical_precision_at_5": 0.3,
        "seen/flat_hit_at_1": 0.5,
    }
    assert figures_among(metrics) == [
        Figure("seen", "flat_hit_at_1", 0.5),
        Figure("seen", "hierarchical_precision_at_5", 0.3),
        Figure("unseen", "flat_hit_at_1", 0.1),
    ]
