from components.draw_report.names import colour_of, name_of


def test_models_have_names_and_colours_of_their_own():
    models = [
        "softmax", "softmax_continued", "devise", "devise_phase_1", "devise_best", "devise_l2",
        "devise_margin", "random", "conse", "conse_best",
    ]  # fmt: skip
    assert len({name_of(model) for model in models}) == len(models)
    assert len({colour_of(model, models) for model in models}) == len(models)
    assert name_of("devise_margin_phase_1") == "DeViSE, margin, phase 1"
    assert colour_of("devise_phase_1") == "k-devise light"
