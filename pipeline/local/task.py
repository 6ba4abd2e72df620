"""A task as kfp.local starts it: the source of a stage's face, its name, and what it is given."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_INPUT, _FUNCTION = "--executor_input", "--function_to_execute"


@dataclass(frozen=True)
class Task:
    """What one task runs.

    Attributes:
        function: The face's name.
        source: Python code with the face, as kfp took it.
        given: KFP's executor input, JSON.
    """

    function: str
    source: str
    given: str

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that it is given, by name; no artifacts."""
        found: dict[str, Any] = json.loads(self.given)["inputs"].get("parameterValues", {})
        return found

    def execute(self) -> None:
        """Call the face through KFP's executor, which writes down what it returns."""
        from kfp.dsl.executor import Executor

        module: dict[str, Any] = {"__name__": self.function}
        exec(compile(self.source, f"<{self.function}>", "exec"), module)
        Executor(json.loads(self.given), module[self.function]).execute()


def task_of(command: Sequence[str]) -> Task:
    """Read a command of kfp's: `sh -ec SCRIPT SOURCE --executor_input JSON ... NAME`."""
    place = command.index(_INPUT)
    source = command[place - 1]
    function = command[command.index(_FUNCTION) + 1]
    assert f"def {function}(" in source, "kfp starts its executor in another way"
    return Task(function, source, command[place + 1])
