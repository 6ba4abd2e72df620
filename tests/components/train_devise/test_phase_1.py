import dataclasses

from components.shared.networks.devise_model import DeviseModel
from components.train_devise.phase_1 import initialise


def test_the_projection_starts_at_zero_where_it_is_not_normalised(
    devise_model: DeviseModel,
) -> None:
    model = devise_model
    initialise(model, 0)
    assert model.projection.weight.std().item() > 0
    model.config = dataclasses.replace(model.config, normalise_projection=False)
    initialise(model, 0)
    assert model.projection.weight.abs().max().item() == 0


def test_a_seed_gives_the_same_projection_and_another_seed_another(
    devise_model: DeviseModel,
) -> None:
    drawn = []
    for seed in (0, 0, 1):
        initialise(devise_model, seed)
        drawn.append(devise_model.projection.weight.detach().clone())
    assert drawn[0].equal(drawn[1])
    assert not drawn[0].equal(drawn[2])
