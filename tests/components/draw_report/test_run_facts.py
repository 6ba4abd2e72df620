from components.draw_report.run_facts import run_facts

MACHINE = {"processor": "Some CPU", "cpus": 2, "threads": 1, "memory_gb": 15.5, "system": "Linux"}


def test_a_run_is_told_by_name_date_command_commit_and_machine() -> None:
    facts = {
        "run_name": "quickstart", "date": "2026-01-02 03:04 UTC", "command": "python pipeline.py",
        "git_commit": "abc", "machine": MACHINE, "code_version": "not for the heading",
    }  # fmt: skip
    assert run_facts(facts) == {
        "Run": "quickstart",
        "Evaluated": "2026-01-02 03:04 UTC",
        "Command": "python pipeline.py",
        "Commit": "abc",
        "Machine": "Some CPU, 2 CPUs, 1 thread, 15.5 GB, Linux",
    }


def test_what_was_not_recorded_is_left_out() -> None:
    assert run_facts({"command": None, "git_commit": "abc", "machine": {}}) == {"Commit": "abc"}
