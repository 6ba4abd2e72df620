from types import ModuleType

import pytest

from pipeline.local.replaced import replaced


def fail() -> int:
    raise RuntimeError


def test_a_modules_function_is_another_while_the_context_lasts_however_it_ends() -> None:
    module = ModuleType("module")
    module.__dict__["answer"] = original = lambda: 1
    with replaced(module, "answer", lambda: 2):
        assert module.answer() == 2
    assert module.answer is original
    with pytest.raises(RuntimeError), replaced(module, "answer", fail):
        module.answer()
    assert module.answer is original
