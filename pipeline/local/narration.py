"""What a person sees of a run: the stages' own lines, without kfp.local's wrapping or MLflow's log.

kfp.local prints each task's whole input as JSON, its outputs, rules and times around what the
stages say, and indents that with every nested graph.
"""

import re
from collections.abc import Callable
from typing import TextIO

WRAPPING = re.compile(
    r"""
    \[KFP\ Executor                                # the executor's own log
    | \d\d:\d\d:\d\d\.\d+\ -\ INFO                 # kfp.local's own log
    | \d\d:\d\d:\d\d\.\d+\ -\ ERROR\ -\ Task\ .*\ finished\ with\ status
    | [{}\[\]]+,?$                                 # its inputs, as JSON
    | "[^"]*"(:.*|,?)$
    | -?\d+(\.\d+)?,?$
    | \w+:\ (\w+\(\ name='|[\[{])                 # its outputs
    | uri=' | metadata=\{
    | -{20,}$
    | \d{4}/\d\d/\d\d\ [\d:]+\ INFO\ mlflow      # MLflow's log, and what it says of models
    | Successfully\ registered\ model | Registered\ model\ '.*'\ already\ exists | Created\ version
    | $
    """,
    re.VERBOSE,
)


BEGINS = re.compile(r"[a-z_]+(-\w+)?: (started$|finished before)")
"""What a stage says first."""


class Narration:
    """A text stream that passes on whole lines, without indentation and without wrapping.

    The first line of each stage says the how manyth it is.
    """

    def __init__(self, target: TextIO, stages: int, masked: Callable[[str], str] = str) -> None:
        """Pass lines on to `target`, each as `masked` makes it, of so many stages."""
        self.target, self.masked, self.pending = target, masked, ""
        self.begun, self.stages = 0, stages

    def write(self, text: str) -> int:
        """Take text in any pieces; lines go on once they are complete."""
        *lines, self.pending = (self.pending + text).split("\n")
        for line in lines:
            self._pass_on(line)
        return len(text)

    def flush(self) -> None:
        """Make what was passed on visible."""
        self.target.flush()

    def _pass_on(self, line: str) -> None:
        words = line.strip()
        if not WRAPPING.match(words):
            self.target.write(f"{self._number(words)}{self.masked(words)}\n")
            self.target.flush()

    def _number(self, words: str) -> str:
        if not BEGINS.match(words):
            return ""
        self.begun += 1
        return f"[{self.begun} of {self.stages}] "
