"""Held-out images that are trained on too: the same bytes, as the source has them."""

from dataclasses import dataclass, field

from components.prepare_images.splits import TRAIN, Assigned

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
        """Take in an image; whether the index does without it.

        Args:
            image: A readable image.
            checksum: Of its bytes in the source, before anything is encoded again.
        """
        path = image.source.path
        if image.split == TRAIN:
            self._training.setdefault(checksum, path)
            return False
        if checksum not in self._training:
            return False
        train = self._training[checksum]
        self.found.append({"path": path, "split": image.split, "train": train})
        return self.leave_out and image.split == TEST

    @property
    def left_out(self) -> int:
        """Number of test images that the index does without."""
        return sum(one["split"] == TEST for one in self.found) if self.leave_out else 0
