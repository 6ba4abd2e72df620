import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from support.damage import damaged, refusal
from support.settings import changed, unchecked

from components.shared.networks import visual_model
from components.shared.networks.timm_models import timm_network
from components.shared.networks.visual_model import VisualConfig, build
from components.shared.networks.weights import read_pretrained
from components.shared.settings.visual import VisualSettings
from components.shared.storage import store

NETWORK = "shufflenet_v2_x0_5"
WNIDS = tuple(f"n{number:08}" for number in range(1, 6))
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(0))


@pytest.fixture(name="network", scope="module")
def network_with_five_outputs() -> torch.nn.Module:
    torch.manual_seed(1)
    network: torch.nn.Module = torchvision.models.get_model(NETWORK, weights=None, num_classes=5)
    return network.eval()


@pytest.fixture(name="config")
def config_with_classes(tmp_path: Path) -> VisualSettings:
    (tmp_path / "classes.txt").write_text("\n".join(WNIDS))
    return unchecked(
        VisualSettings,
        architecture=NETWORK,
        input_size=64,
        resize=64,
        pretrained_classes_uri=str(tmp_path / "classes.txt"),
    )


def assert_gives(config: VisualSettings, network: torch.nn.Module) -> None:
    pretrained = read_pretrained(config)
    assert pretrained.model.config.classes == WNIDS
    assert pretrained.trained_on == set(WNIDS)
    with torch.no_grad():
        assert torch.allclose(pretrained.model(IMAGES), network(IMAGES), atol=1e-5)


@pytest.mark.parametrize("nested", ["alone", "state_dict", "model_state_dict", "model"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "model.", "module._orig_mod."])
def test_a_state_dict_is_read_as_people_save_it(
    config: VisualSettings, network: torch.nn.Module, tmp_path: Path, nested: str, prefix: str
) -> None:
    state = {f"{prefix}{name}": tensor for name, tensor in network.state_dict().items()}
    content = state if nested == "alone" else {"epoch": 3, nested: state}
    torch.save(content, tmp_path / "w.pth")
    assert_gives(changed(config, pretrained=str(tmp_path / "w.pth")), network)


def test_a_safetensors_file_is_read(
    config: VisualSettings, network: torch.nn.Module, tmp_path: Path
) -> None:
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    assert_gives(changed(config, pretrained=str(tmp_path / "w.safetensors")), network)


def test_weights_of_a_visual_model_alone_are_read(config: VisualSettings, tmp_path: Path) -> None:
    model = build(VisualConfig(NETWORK, WNIDS, 64, 64)).eval()
    visual_model.save(model, tmp_path / "own", [])
    assert_gives(changed(config, pretrained=f"{tmp_path}/own/weights.safetensors"), model)


def test_checkpoints_are_read_from_object_storage(
    config: VisualSettings, network: torch.nn.Module, tmp_path: Path, s3: str
) -> None:
    torch.save(network.state_dict(), tmp_path / "w.pth")
    store.upload(tmp_path / "w.pth", f"{s3}/w.pth")
    store.upload(tmp_path / "classes.txt", f"{s3}/classes.txt")
    there = changed(config, pretrained=f"{s3}/w.pth", pretrained_classes_uri=f"{s3}/classes.txt")
    assert_gives(there, network)


def test_a_visual_model_brings_its_classes_and_its_view(
    config: VisualSettings, tmp_path: Path, s3: str
) -> None:
    model = build(VisualConfig(NETWORK, WNIDS, 64, 72, mean=(0.1, 0.2, 0.3))).eval()
    visual_model.save(model, tmp_path / "own", [])
    for file in (tmp_path / "own").iterdir():
        store.upload(file, f"{s3}/own/{file.name}")
    for folder in (str(tmp_path / "own"), f"{s3}/own"):
        own = changed(config, pretrained=folder, pretrained_classes_uri="", input_size=32)
        assert_gives(own, model)
        assert read_pretrained(own).model.config == model.config


def test_weights_of_a_network_of_timms_bring_the_colours_that_timm_says(
    config: VisualSettings, tmp_path: Path
) -> None:
    pytest.importorskip("timm")
    torch.manual_seed(3)
    network = timm_network("timm:test_vit", len(WNIDS), 64).eval()
    torch.save(network.state_dict(), tmp_path / "w.pth")
    own = changed(config, architecture="timm:test_vit", pretrained=str(tmp_path / "w.pth"))
    assert_gives(own, network)
    found = read_pretrained(own).model.config
    assert (found.mean, found.std, found.input_size) == ((0.5,) * 3, (0.5,) * 3, 64)


def test_a_visual_model_of_another_architecture_is_refused(
    config: VisualSettings, tmp_path: Path
) -> None:
    visual_model.save(build(VisualConfig(NETWORK, WNIDS, 64, 64)), tmp_path / "own", [])
    other = changed(config, pretrained=str(tmp_path / "own"), architecture="alexnet")
    with pytest.raises(ValueError, match=f"is a visual model of '{NETWORK}': set it so"):
        read_pretrained(other)


@pytest.mark.parametrize("architecture", ["densenet121", "efficientnet_b1", "googlenet", NETWORK])
def test_torchvisions_weights_are_taken_by_name_from_torchs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    torch.manual_seed(2)
    options = {"aux_logits": True, "init_weights": True} if architecture == "googlenet" else {}
    own = torchvision.models.get_model(architecture, weights=None, **options).eval()
    weights = torchvision.models.get_model_weights(architecture).DEFAULT
    state = own.state_dict()
    if architecture == "densenet121":  # as in the published file
        state = {
            name.replace("norm1", "norm.1").replace("conv2", "conv.2"): tensor
            for name, tensor in state.items()
        }
    file = tmp_path / "hub" / "checkpoints" / weights.url.rsplit("/", 1)[-1]
    file.parent.mkdir(parents=True)
    torch.save(state, file)
    wnids = [f"n{number:08}" for number in range(1000)]
    (tmp_path / "classes.txt").write_text("\n".join(wnids))
    config = unchecked(
        VisualSettings,
        architecture=architecture,
        pretrained="DEFAULT",
        pretrained_classes_uri=f"{tmp_path}/classes.txt",
    )
    if architecture == "googlenet":
        own.transform_input = True
    model = read_pretrained(config).model
    view = weights.transforms()
    assert [model.config.input_size] == view.crop_size
    assert [model.config.resize] == view.resize_size
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = own(normalised(pixels, view.mean, view.std))
        given = model(normalised(pixels, model.config.mean, model.config.std))
    assert torch.allclose(given, expected, atol=1e-3)


def normalised(pixels: torch.Tensor, mean: Sequence[float], std: Sequence[float]) -> torch.Tensor:
    return (pixels - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)


def test_weights_that_cannot_be_downloaded_are_named_with_the_place_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    # What urllib opened first keeps its proxies for as long as the process lives.
    monkeypatch.setattr(urllib.request, "_opener", None)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "classes.txt").write_text("\n".join(f"n{number:08}" for number in range(1000)))
    config = unchecked(
        VisualSettings,
        architecture="resnet18",
        pretrained="DEFAULT",
        pretrained_classes_uri=f"{tmp_path}/classes.txt",
    )
    with pytest.raises(ValueError, match=rf"resnet18-\w+\.pth cannot be downloaded .*{tmp_path}"):
        read_pretrained(config)


class Unwelcome:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (print, ("this must never run",))


def test_a_pickle_of_anything_but_tensors_is_refused_and_not_run(
    config: VisualSettings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.save({"state_dict": Unwelcome()}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match=r"w\.pth is no safetensors file and no state dict of ten"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))
    assert "never" not in capfd.readouterr().out


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_a_file_of_something_else_is_refused(
    config: VisualSettings, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"no weights at all, whatever it is called")
    with pytest.raises(ValueError, match="is no safetensors file and no state dict of tensors"):
        read_pretrained(changed(config, pretrained=str(tmp_path / name)))


def test_a_checkpoint_without_a_state_dict_is_refused(
    config: VisualSettings, tmp_path: Path
) -> None:
    torch.save({"epoch": 3, "weights": {"a": torch.ones(1)}}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="no state dict, alone or as state_dict or model_state"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))


def test_weights_with_other_outputs_than_the_list_are_refused(
    config: VisualSettings, network: torch.nn.Module, tmp_path: Path
) -> None:
    torch.save(network.state_dict(), tmp_path / "w.pth")
    (tmp_path / "classes.txt").write_text("\n".join(WNIDS[:4]))
    with pytest.raises(ValueError, match=rf"do not fit visual_architecture '{NETWORK}' with 4 cla"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_an_empty_file_is_refused_by_name(
    config: VisualSettings, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=f"{name} is no safetensors file and no state dict"):
        read_pretrained(changed(config, pretrained=str(tmp_path / name)))


def test_numbers_that_are_not_finite_are_refused_with_the_first_tensor_that_has_one(
    config: VisualSettings, network: torch.nn.Module, tmp_path: Path
) -> None:
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    state["fc.bias"][2] = float("nan")
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(ValueError, match=r"w\.pth has numbers that are not finite, in 'fc.bias'"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))


def test_a_checkpoint_of_another_architecture_is_refused_in_a_sentence(
    config: VisualSettings, tmp_path: Path
) -> None:
    other = torchvision.models.get_model("mobilenet_v3_small", weights=None, num_classes=5)
    torch.save(other.state_dict(), tmp_path / "w.pth")
    with pytest.raises(ValueError, match=r"w\.pth: .* visual_architecture .* lack 338 ") as told:
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))
    assert len(str(told.value)) < 600


@pytest.mark.parametrize(
    "content",
    [{}, {3: torch.ones(1)}, {"a": torch.ones(2).to_sparse()}, [torch.ones(1)], torch.ones(1)],
)
@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants:UserWarning")
def test_what_is_no_state_dict_of_plain_tensors_is_refused(
    config: VisualSettings, tmp_path: Path, content: object
) -> None:
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="holds no state dict"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))


def test_a_checkpoint_that_unpacks_to_gigabytes_is_refused_before_that(
    config: VisualSettings, tmp_path: Path
) -> None:
    torch.save({"a": torch.zeros(10_000_000)}, tmp_path / "plain.pth")
    with (
        zipfile.ZipFile(tmp_path / "plain.pth") as plain,
        zipfile.ZipFile(tmp_path / "w.pth", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    with pytest.raises(ValueError, match="it unpacks to 40,"):
        read_pretrained(changed(config, pretrained=str(tmp_path / "w.pth")))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_whatever_bytes_are_changed_a_checkpoint_is_read_or_refused_by_name(
    config: VisualSettings, tmp_path: Path, name: str
) -> None:
    state = {f"layer.{number}": torch.arange(4.0) for number in range(3)}
    file = tmp_path / name
    save_file(state, file) if name.endswith("s") else torch.save(state, file)
    given = changed(config, pretrained=str(file))
    for data in damaged(file.read_bytes(), 150):
        file.write_bytes(data)
        assert name in refusal(lambda: read_pretrained(given))
