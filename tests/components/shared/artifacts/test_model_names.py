import pytest

from components.shared.artifacts.model_names import name_of, within_a_sentence

MODELS = [
    "softmax", "softmax_continued", "devise", "devise_phase_1", "devise_best", "devise_l2",
    "devise_margin", "random", "conse", "conse_best", "chance", "better_softmax",
    "softmax_hierarchy", "conse_hierarchy", "exem", "exem_best", "eszsl", "eszsl_best", "dgp",
    "devise_best_no_text", "random_best", "random_per_synset", "exem_best_calibrated",
]  # fmt: skip


def test_every_model_has_a_name_of_its_own() -> None:
    assert len({name_of(model) for model in MODELS}) == len(MODELS)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("softmax_continued", "Softmax, trained on"),
        ("devise_margin_phase_1", "DeViSE, margin, phase 1"),
        ("conse_my_space", "ConSE, my space"),
        ("softmax_hierarchy", "Softmax, hierarchy"),
        ("devise_best_no_text", "DeViSE, best no text"),
        ("exem_best_calibrated", "EXEM, best, calibrated"),
        ("any_other", "any other"),
    ],
)
def test_a_name_follows_from_the_family_and_what_is_behind_it(model: str, name: str) -> None:
    assert name_of(model) == name


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("softmax", "the softmax"),
        ("softmax_continued", "“Softmax, trained on”"),
        ("random", "random vectors"),
        ("conse", "ConSE"),
        ("better_softmax", "the strongest softmax"),
    ],
)
def test_within_a_sentence_it_is_the_same_name(model: str, text: str) -> None:
    assert within_a_sentence(model) == text
    assert name_of(model).lower() in text.lower()
