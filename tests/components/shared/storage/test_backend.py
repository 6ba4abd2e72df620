import inspect
from types import ModuleType

import pytest

from components.shared.storage import local, s3, web
from components.shared.storage.backend import Backend

FUNCTIONS = [name for name, _ in inspect.getmembers(Backend, inspect.isfunction) if name[0] != "_"]


@pytest.mark.parametrize("place", [local, s3, web])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_place_has_every_function_with_the_same_parameters(
    place: ModuleType, name: str
) -> None:
    wanted = list(inspect.signature(getattr(Backend, name)).parameters)[1:]
    assert list(inspect.signature(getattr(place, name)).parameters) == wanted
