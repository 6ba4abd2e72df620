"""What a report says of the run that it is of: name, date, command, commit, machine."""

from collections.abc import Mapping
from typing import Any

from components.shared.plurals import counted

TITLES = {
    "run_name": "Run",
    "date": "Evaluated",
    "command": "Command",
    "git_commit": "Commit",
    "machine": "Machine",
}


def run_facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what was recorded, by its title.

    Args:
        facts: Of the evaluation.
    """
    written = {**facts, "machine": _machine(facts.get("machine") or {})}
    return {title: str(written[name]) for name, title in TITLES.items() if written.get(name)}


def _machine(machine: Mapping[str, Any]) -> str:
    """Write a machine on one line: processor, CPUs, threads, memory, system."""
    memory = machine.get("memory_gb")
    parts = [
        machine.get("processor"),
        counted(machine["cpus"], "CPU") if machine.get("cpus") else None,
        counted(machine["threads"], "thread") if machine.get("threads") else None,
        f"{memory:g} GB" if memory else None,
        machine.get("system"),
    ]
    return ", ".join(str(part) for part in parts if part)
