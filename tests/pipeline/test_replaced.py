from types import ModuleType

import pytest

from pipeline.replaced import replaced


def one() -> int:
    return 1


def fail() -> int:
    raise RuntimeError


def test_a_modules_function_is_another_while_the_context_lasts_however_it_ends() -> None:
    module = ModuleType("module")
    module.__dict__["answer"] = one
    with replaced(module, "answer", lambda: 2):
        assert module.answer() == 2
    assert module.answer is one
    with pytest.raises(RuntimeError), replaced(module, "answer", fail):
        module.answer()
    assert module.answer is one
