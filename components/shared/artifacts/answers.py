"""What every model answers on one part of the test images; the artifact of rank_images.

A part is a block of neighbouring test images. For each model and each candidate set that they are
asked about there are files in NumPy's format, `<candidates>/<model>.places.npy`,
`<candidates>/<model>.cosines.npy` and, where scores are kept, `<candidates>/<model>.scores.npy`,
with a row an image as `Packed` has it. They are written as the answers come, and read one model and
candidate set at a time. `answers.json` says which images they are, which file has whose answers
(models that are one network share it) and what made them.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.ranking.made import Made
from components.shared.ranking.packed import Key, Names, Packed, joined
from components.shared.storage.atomic import write_json

FACTS_FILE = "answers.json"
PLACES, COSINES, SCORES = ".places.npy", ".cosines.npy", ".scores.npy"


@dataclass(frozen=True)
class PartFacts:
    """What a part's artifact holds.

    Attributes:
        first: Its first image, counted among all test images from 0 on.
        stop: The one after its last.
        images: All test images.
        answers: A row a model and candidate set: model, candidates and the files, without endings.
        versions: Of the packages that they were made with.
    """

    first: int
    stop: int
    images: int
    answers: list[tuple[str, str, str]]
    versions: Mapping[str, str]


def names_in(sets: Sequence[CandidateSet]) -> Names:
    """Return every wnid that is ranked in one of the sets, by the number it has in answers."""
    return Names(sorted({wnid for candidates in sets for wnid in candidates.members}))


class AnswersWriter:
    """Writes a part's answers as they come; nothing of them stays in memory."""

    def __init__(self, folder: Path, rows: Mapping[str, int]) -> None:
        """Begin an empty artifact.

        Args:
            folder: Of the artifact; what is in it is removed.
            rows: How many of the part's images each candidate set is asked about.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder, self._rows = folder, rows
        self._done: dict[Key, int] = {}

    def write(self, answers: Mapping[Key, Packed]) -> None:
        """Add the answers to the images that come next."""
        for key, packed in answers.items():
            self._done[key] = self._done.get(key, 0) + len(packed.places)
            rows = self._rows[key[1]]
            file = self._folder / _file(key)
            _append(_ending(file, PLACES), packed.places, rows)
            _append(_ending(file, COSINES), packed.cosines, rows)
            if packed.scores is not None:
                _append(_ending(file, SCORES), packed.scores, rows)

    def finish(
        self, part: range, images: int, same: Mapping[Key, Key], versions: Mapping[str, str]
    ) -> None:
        """Say what there is, once all is written.

        Args:
            part: The part's images among all.
            images: Number of all test images.
            same: Whose answers are those of another, and of which.
            versions: Of the packages that they were made with.
        """
        assert all(done == self._rows[key[1]] for key, done in self._done.items())
        files = {key: _file(key) for key in self._done}
        files |= {key: files[other] for key, other in same.items() if other in files}
        answers = [(*key, file) for key, file in files.items()]
        facts = PartFacts(part.start, part.stop, images, answers, versions)
        write_json(self._folder / FACTS_FILE, asdict(facts))


@dataclass(frozen=True)
class Answers:
    """The answers of all parts.

    Attributes:
        rankings: By (model, candidates); one is read when it is asked for.
        versions: Of the packages that they were made with.
    """

    rankings: Mapping[Key, Packed]
    versions: Mapping[str, str]


def read_answers(folders: Sequence[Path], images: int) -> Answers:
    """Find the answers of all parts, given in any order.

    Args:
        folders: Of the parts' artifacts.
        images: How many test images there are.

    Raises:
        ValueError: A folder has no answers, or the parts are not those of all these images.
    """
    parts = sorted(((_read_facts(folder), folder) for folder in folders), key=_place)
    _check_whole([facts for facts, _ in parts], images)
    files: dict[Key, list[Path]] = {}
    versions: dict[str, str] = {}
    for facts, folder in parts:
        versions |= facts.versions
        for model, candidates, file in facts.answers:
            files.setdefault((model, candidates), []).append(folder / file)
    rankings = Made(files, lambda key: joined([_packed(file) for file in files[key]]))
    return Answers(rankings, versions)


def _place(part: tuple[PartFacts, Path]) -> tuple[int, int]:
    return part[0].first, part[0].stop


def _read_facts(folder: Path) -> PartFacts:
    file = folder / FACTS_FILE
    if not file.is_file():
        raise ValueError(f"{file} is missing: give the output folder of rank_images.")
    return PartFacts(**json.loads(file.read_text(encoding="utf-8")))


def _check_whole(parts: Sequence[PartFacts], images: int) -> None:
    ends = [0, *(facts.stop for facts in parts)]
    follow = all(facts.first == end for facts, end in zip(parts, ends, strict=False))
    if not follow or ends[-1] != images or any(facts.images != images for facts in parts):
        covered = (f"{facts.first:,} to {facts.stop:,} of {facts.images:,}" for facts in parts)
        raise ValueError(
            f"There are {images:,} test images, and answers to those from {', '.join(covered)}: "
            "give what rank_images made of every part of this image index."
        )


def _file(key: Key) -> str:
    model, candidates = key
    return f"{candidates}/{model}"


def _append(file: Path, rows: np.ndarray, total: int) -> None:
    """Add rows to a file that is to have so many in all."""
    file.parent.mkdir(exist_ok=True)
    # Writing to a memory-mapped array would end the process without a word where a disk is full.
    with file.open("ab") as stream:
        if not stream.tell():
            header = {
                "descr": np.lib.format.dtype_to_descr(rows.dtype),
                "fortran_order": False,
                "shape": (total, *rows.shape[1:]),
            }
            np.lib.format.write_array_header_1_0(stream, header)
        stream.write(np.ascontiguousarray(rows).data)


def _ending(file: Path, ending: str) -> Path:
    return file.with_name(f"{file.name}{ending}")


def _packed(file: Path) -> Packed:
    """Find a ranking in its files; what is asked of it is read then."""
    has_scores = _ending(file, SCORES).is_file()
    scores = np.load(_ending(file, SCORES), mmap_mode="r") if has_scores else None
    places = np.load(_ending(file, PLACES), mmap_mode="r")
    return Packed(places, np.load(_ending(file, COSINES), mmap_mode="r"), scores)
