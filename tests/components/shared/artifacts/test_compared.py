from pathlib import Path

import pytest

from components.shared.artifacts.compared import read_compared, write_compared


def test_models_come_back_by_name_in_their_order_and_are_linked(tmp_path: Path) -> None:
    models = {
        name: tmp_path / f"of {name}" for name in ("devise", "random", "devise_b", "devise_a")
    }
    for name, folder in models.items():
        folder.mkdir()
        (folder / "weights").write_text(name)
        (folder / "words").write_text("many")
    without = dict.fromkeys(models, ("words",))
    write_compared(tmp_path / "compared", models, without, contaminated=True)
    compared = read_compared(tmp_path / "compared")
    assert list(compared.folders) == list(models)
    assert compared.variants == ["devise_b", "devise_a"]
    assert compared.contaminated
    for name, folder in compared.folders.items():
        assert [file.name for file in folder.iterdir()] == ["weights"]
        assert (folder / "weights").samefile(models[name] / "weights")


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"compared\.json is missing: give the output folder of"):
        read_compared(tmp_path)
