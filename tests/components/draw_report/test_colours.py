from pathlib import Path

from components.draw_report.colours import (
    COLOURS,
    SHADES,
    colour_of,
)


def test_models_have_colours_of_their_own() -> None:
    models = [
        "softmax", "softmax_continued", "devise", "devise_phase_1", "devise_best", "devise_l2",
        "devise_margin", "random", "random_best", "random_per_synset", "conse", "conse_best",
        "conse_hierarchy", "softmax_hierarchy", "exem", "exem_best", "eszsl", "eszsl_best", "dgp",
    ]  # fmt: skip
    assert len({colour_of(model, models) for model in models}) == len(models)
    assert colour_of("devise_phase_1") == "k-devise light"


def test_a_variants_colour_is_that_of_its_place_whatever_it_is_called() -> None:
    variants = ["any", "devise_z", "devise_a"]
    models = ["softmax", "devise", *(name for v in variants for name in (v, f"{v}_phase_1"))]
    assert [colour_of(v, models) for v in variants] == ["k-variant-0", "k-variant-1", "k-variant-2"]
    assert colour_of("devise_z_phase_1", models) == "k-variant-1 light"


def test_conse_over_variants_has_shades_of_conse_in_their_order() -> None:
    models = ["devise", "devise_z", "conse", "conse_z", "conse_a"]
    assert [colour_of(m, models) for m in models[2:]] == ["k-conse", "k-conse-2", "k-conse-3"]


def test_every_colour_is_one_of_the_style(project: Path) -> None:
    style = (project / "components" / "draw_report" / "style.css").read_text()
    for colour in (*COLOURS.values(), *(shade for shades in SHADES.values() for shade in shades)):
        assert f".k-{colour}{{" in style.replace(" ", "")
