"""An image index of three colours, and weights of networks that know such classes."""

from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
import torch
from support.shards import write_shard

from components.shared.networks.small_resnet import small_resnet18


def write_index(folder: Path, renamed: str = "n3", **missing: str) -> Path:
    """Three classes, each a colour of its own: 9 training, 4 validation and 2 test images."""
    generator = np.random.default_rng(0)
    rows, content = [], b""
    for position, wnid in enumerate(("n1", "n2", renamed)):
        for number in range(15):
            split = "train" if number < 9 else "validation" if number < 13 else "test"
            pixels = generator.integers(0, 90, (32, 32, 3), np.uint8)
            pixels[..., position] += 160
            data = simplejpeg.encode_jpeg(pixels) if split != "test" else b"never to be read"
            place = {"offset": len(content), "length": len(data)}
            facts = {"wnid": wnid, "split": split, "path": f"{wnid}/{number}", "seen": True}
            if missing.get(wnid) != split:
                rows.append({**place, **facts, "checksum": ""})
            content += data
    shard = write_shard(folder, content)
    pd.DataFrame(rows).assign(shard=str(shard)).to_parquet(folder / "index.parquet")
    classes = pd.DataFrame({"wnid": ["n1", "n2", renamed, "n9"], "seen": [True] * 3 + [False]})
    classes.assign(train=9, validation=4, test=2).to_parquet(folder / "classes.parquet")
    return folder


def numbered(*numbers: int) -> tuple[str, ...]:
    return tuple(f"n{number:08}" for number in numbers)


def write_numbered_index(folder: Path) -> Path:
    """Seen are 1, 2 and 3, zero-shot is 9."""
    write_index(folder)
    for name in ("index.parquet", "classes.parquet"):
        frame = pd.read_parquet(folder / name)
        frame["wnid"] = frame["wnid"].str.replace("n", "n0000000")
        frame.to_parquet(folder / name)
    return folder


def write_weights(folder: Path, wnids: tuple[str, ...]) -> tuple[Path, Path]:
    """A state dict and the list of its classes."""
    torch.manual_seed(7)
    folder.mkdir()
    torch.save(small_resnet18(len(wnids)).state_dict(), folder / "weights.pth")
    (folder / "classes.txt").write_text("".join(f"{wnid}\n" for wnid in wnids))
    return folder / "weights.pth", folder / "classes.txt"
