"""Held-out images that are trained on too: the same bytes, as the source has them."""

from dataclasses import dataclass, field

from components.prepare_images.splits import Assigned
from components.shared.images.splits import TRAIN

TEST = "test"


@dataclass
class Duplicates:
    """Finds duplicates among images that come in the index's order, training images first.

    Attributes:
        leave_out: Whether test images that are training images are to be left out.
        found: Path and split of each held-out duplicate, and the path of the training image.
    """

    leave_out: bool
    found: list[dict[str, str]] = field(default_factory=list)
    _training: dict[bytes, str] = field(default_factory=dict)

    def leaves_out(self, image: Assigned, checksum: bytes) -> bool:
        """Whether the index does without an image.

        Args:
            image: A readable image.
            checksum: Of its bytes in the source, before anything is encoded again.
        """
        return self.leave_out and image.split == TEST and checksum in self._training

    def take_in(self, image: Assigned, checksum: bytes) -> None:
        """Note an image, packed or left out: a training image for those that come after it."""
        path = image.source.path
        if image.split == TRAIN:
            self._training.setdefault(checksum, path)
        elif checksum in self._training:
            train = self._training[checksum]
            self.found.append({"path": path, "split": image.split, "train": train})

    @property
    def left_out(self) -> int:
        """Number of test images that the index does without."""
        return sum(one["split"] == TEST for one in self.found) if self.leave_out else 0
