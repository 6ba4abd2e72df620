import pytest

from components.shared.artifacts.evaluation import NO_MODELS
from components.shared.settings.together import check_all
from components.shared.settings.variants import (
    addresses_in,
    differences,
    parse_variant,
    saw_images,
    with_addresses,
)


def test_a_variant_is_a_name_and_the_settings_in_which_it_differs() -> None:
    variant = parse_variant("devise_best: labels_centred=true  devise_margin=0.4")
    assert variant.name == "devise_best"
    assert variant.settings == {"labels_centred": "true", "devise_margin": "0.4"}
    assert parse_variant("devise").settings == {}


def test_its_settings_are_read_in_their_own_types() -> None:
    variant = parse_variant("v: devise_loss=l2 devise_margin=1 labels_centred=true")
    assert differences(variant) == {
        "devise_loss": "l2",
        "devise_margin": 1,
        "labels_centred": True,
    }


GIVEN = {"images_unseen": ["n01443537"]}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        (["L2: devise_loss=l2"], "write a name of small letters"),
        (["l2: devise_loss"], "write parameter=value"),
        (["l2: devise_loss=l2 devise_loss=l2"], "each once"),
        (["l2: devise_los=l2"], "did you mean devise_loss"),
        (["l2: devise_loss=l3"], "devise_loss is 'l3': choose 'rank' or 'l2' or"),
        (["wide: devise_margin=3"], "devise_margin is 3: allowed is from 0 to 2"),
        (["deep: visual_epochs=3"], "only parameters that begin with devise_ or labels_"),
        (["told: labels_glosses_uri=g"], "but for devise_variants and labels_glosses_uri"),
        (["random: devise_loss=l2"], "a name that is taken"),
        (["exem_mine: devise_loss=l2"], "a name that is taken"),
        (["dgp"], "a name that is taken"),
        (["devise_calibrated: devise_loss=l2"], "a name that is taken"),
        (["devise_hierarchy: devise_loss=l2"], "a name that is taken"),
        (["random_mine: devise_loss=l2"], "counts as one on random vectors by its name"),
        (["a: devise_bias=true", "a: devise_loss=l2"], "a name that is taken"),
    ],
)
def test_a_wrong_variant_is_refused_with_a_sentence(variants: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_all({**GIVEN, "devise_variants": variants})


@pytest.mark.parametrize("name", NO_MODELS)
def test_a_name_that_stands_for_other_figures_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"calls a model {name}, a name that is taken"):
        check_all({**GIVEN, "devise_variants": [f"{name}: devise_loss=l2"]})
    check_all({**GIVEN, "devise_variants": [f"devise_{name}: devise_loss=l2"]})


def test_a_run_may_have_no_variants() -> None:
    check_all({**GIVEN, "devise_variants": []})


def test_variants_that_are_allowed_pass() -> None:
    check_all(
        {
            **GIVEN,
            "devise_variants": [
                "devise_l2: devise_loss=l2",
                "devise_best: labels_target=mean_of_terms labels_centred=true devise_margin=0.4",
                "random_per_synset: labels_vectors=random_per_synset",
                "devise_best_no_text: labels_vectors=random_words",
                "exemplary: devise_margin=0.3",
            ],
        }
    )


CLIP = "devise_clip: labels_vectors_uri=my vectors/clip.npz labels_centred=true"


def test_a_variants_address_may_have_spaces_and_is_found_and_changed() -> None:
    assert parse_variant(CLIP).settings["labels_vectors_uri"] == "my vectors/clip.npz"
    assert addresses_in(["devise_l2: devise_loss=l2", CLIP, "none: labels_vectors_uri="]) == [
        "my vectors/clip.npz"
    ]
    absolute = with_addresses(CLIP, lambda path: f"/a folder/{path}")
    assert absolute == CLIP.replace("my vectors", "/a folder/my vectors")


def test_a_variant_without_an_address_stays_as_it_is_written() -> None:
    text = "devise_l2:  devise_loss=l2"
    assert with_addresses(text, lambda path: f"/{path}") == text


def test_rows_over_vectors_that_saw_images_are_known_by_their_names() -> None:
    names = ["devise_saw_images", "devise_saw_images_clip_phase_1", "conse_saw_images_clip"]
    assert all(map(saw_images, names))
    assert not any(map(saw_images, ["devise", "devise_best", "conse", "softmax"]))
