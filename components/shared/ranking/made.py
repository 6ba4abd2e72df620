"""Values that are made when they are asked for: of many rankings one is in memory at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Made(Mapping[Key, Value]):
    """Values that are made each time they are asked for, so that one is in memory at a time."""

    def __init__(self, keys: Iterable[Key], make: Callable[[Key], Value]) -> None:
        """Take what there is.

        Args:
            keys: Of all values.
            make: Makes the value of a key.
        """
        self._keys, self._make = dict.fromkeys(keys), make

    def __getitem__(self, key: Key) -> Value:
        """Make a value."""
        if key not in self._keys:
            raise KeyError(key)
        return self._make(key)

    def __contains__(self, key: object) -> bool:
        """Whether there is such a value; none is made."""
        return key in self._keys

    def __iter__(self) -> Iterator[Key]:
        """Go through the keys; no value is made."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Number of values."""
        return len(self._keys)
