"""The whole graph on a slice of real photographs, real Wikipedia text and the real hierarchy."""

import json
import tarfile
from pathlib import Path

import pytest
from support.commands import environment, finished, printed

from components.shared.settings.presets import BEST

CLASSES, UNSEEN, TEXT_FILES = 20, 4, 6


def slice_settings(shared_data: Path, folder: Path) -> dict[str, object]:
    with tarfile.open(shared_data / "tiny-imagenet" / "val.tar") as archive:
        wnids = sorted({name.split("/")[1] for name in archive.getnames() if name.count("/") == 2})
    chosen = wnids[:: len(wnids) // CLASSES][:CLASSES]
    files = sorted((shared_data / "wikipedia" / "AA").iterdir())[:TEXT_FILES]
    for number, part in enumerate((files[:3], files[3:])):
        (folder / f"text-{number}").mkdir()
        for file in part:
            (folder / f"text-{number}" / file.name).symlink_to(file)
    return {
        "taxonomy_uri": str(shared_data / "taxonomy"),
        "images_uri": str(shared_data / "tiny-imagenet"),
        "corpus_uris": [str(folder / "text-0"), str(folder / "text-1")],
        "images_classes": chosen,
        "images_unseen": chosen[:: CLASSES // UNSEEN],
        "images_per_class": 100,
        "skipgram_dim": 50,
        "skipgram_epochs": 1,
        "visual_architecture": "shufflenet_v2_x0_5",
        "visual_input_size": 48,
        "visual_resize": 48,
        "visual_epochs": 6,
        "visual_half_size_epochs": 2,
        "visual_batch_size": 32,
        "visual_learning_rate": 0.02,
        "labels_minimum_count": 2,
        "devise_phase_1_epochs": 5,
        "devise_phase_2_epochs": 1,
        "devise_variants": [BEST],
        "evaluate_penalties": ["devise_best=0.16"],
        "report_gallery_images": 4,
    }


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.usefixtures("own_database")
def test_the_graph_runs_on_a_slice_of_the_real_data(
    project: Path, shared_data: Path, tmp_path: Path
) -> None:
    given = slice_settings(shared_data, tmp_path)
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
    told = printed(
        project,
        *("run", "--preset", "tiny_imagenet", "--output", str(tmp_path / "run")),
        *(part for name, text in texts.items() for part in ("--set", f"{name}={text}")),
        env=environment(tmp_path),
    )
    metrics = finished(tmp_path / "run", told).metrics
    assert metrics["softmax/seen/flat_hit_at_1"] > 1.5 * metrics["chance/seen/flat_hit_at_1"]
    assert metrics["devise/unseen/images"] == UNSEEN * 50
    assert metrics["conse_best/unseen/images"] == metrics["devise_best/unseen/images"]
    labels = json.loads((tmp_path / "run" / "skipgram.json").read_text())
    assert labels["vocabulary"] > 5000
