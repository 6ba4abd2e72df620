from dataclasses import dataclass
from typing import ClassVar

import pytest

from components.shared.settings.parameter import check_all
from components.shared.settings.variants import parse_variant, varied


@dataclass(frozen=True)
class Config:
    prefix: ClassVar[str] = "devise"
    loss: str = "rank"
    margin: float = 0.1
    epochs: int = 3
    bias: bool = False


def test_a_variant_is_a_name_and_the_settings_in_which_it_differs() -> None:
    variant = parse_variant("devise_best: labels_centred=true  devise_margin=0.4")
    assert variant.name == "devise_best"
    assert variant.settings == {"labels_centred": "true", "devise_margin": "0.4"}
    assert parse_variant("devise").settings == {}


def test_a_configuration_takes_the_settings_of_its_own_stage_in_its_own_types() -> None:
    changed = varied(
        Config(), "v: devise_loss=l2 devise_margin=1 devise_bias=true labels_target=mean_of_terms"
    )
    assert changed == Config(loss="l2", margin=1.0, bias=True)
    assert type(changed.margin) is float
    assert varied(Config(), "random") == Config()


GIVEN = {"images_unseen": ["n01443537"]}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([], "devise_variants is empty"),
        (["L2: devise_loss=l2"], "write a name of small letters"),
        (["l2: devise_loss"], "write parameter=value"),
        (["l2: devise_loss=l2 devise_loss=l2"], "each once"),
        (["l2: devise_los=l2"], "did you mean devise_loss"),
        (["l2: devise_loss=l3"], "devise_loss is 'l3': choose 'rank' or 'l2' or"),
        (["wide: devise_margin=3"], "devise_margin is 3.0: allowed is from 0 to 2"),
        (["deep: visual_epochs=3"], "only parameters that begin with devise_ or labels_"),
        (["random: devise_loss=l2"], "a name that is taken"),
        (["a: devise_bias=true", "a: devise_loss=l2"], "a name that is taken"),
    ],
)
def test_a_wrong_variant_is_refused_with_a_sentence(variants: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_all({**GIVEN, "devise_variants": variants})


def test_variants_that_are_allowed_pass() -> None:
    check_all(
        {
            **GIVEN,
            "devise_variants": [
                "devise_l2: devise_loss=l2",
                "devise_best: labels_target=mean_of_terms labels_centred=true devise_margin=0.4",
            ],
        }
    )
