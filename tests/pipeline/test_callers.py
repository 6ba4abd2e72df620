import inspect

from pipeline.callers import callers


def test_they_are_those_of_pythons_own_stack() -> None:
    ours, pythons = callers(), inspect.stack(context=0)
    assert [(one.frame, one.function) for one in ours] == [
        (one.frame, one.function) for one in pythons
    ]
    assert ours[0].function == "test_they_are_those_of_pythons_own_stack"
    assert ours[0].lineno == pythons[0].lineno
