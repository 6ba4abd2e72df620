"""The command line."""

import sys
from collections.abc import Sequence

import click

from components.shared.execution.progress import printable
from pipeline.closed_output import ended_quietly
from pipeline.commands.cluster import compile, schedule, submit
from pipeline.commands.data import data
from pipeline.commands.folds import folds
from pipeline.commands.images import images
from pipeline.commands.model import demo, export, predict
from pipeline.commands.options import examples
from pipeline.commands.parameters import parameters
from pipeline.commands.results import compare, results
from pipeline.commands.run import run
from pipeline.commands.schedules import schedules
from pipeline.commands.status import status
from pipeline.commands.sweep import sweep

COMMANDS: tuple[click.Command, ...] = (
    *(data, folds, run, sweep, predict, demo, export, compare, results),
    *(compile, submit, status, schedule, schedules, images, parameters),
)
PROGRAM = "pipeline.py"
OURS = ("components", "pipeline")


def _all_examples() -> str:
    heading = examples()
    own = [(command.epilog or "").removeprefix(heading) for command in COMMANDS]
    return heading + "\n".join(own)


command_line = click.Group(
    PROGRAM,
    {command.name or "": command for command in COMMANDS},
    help="DeViSE as a Kubeflow pipeline: one graph, here, in containers, on a cluster.",
    epilog=_all_examples(),
    context_settings={
        "show_default": True,
        "max_content_width": 100,
        "help_option_names": ["-h", "--help"],
    },
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and do what it says.

    Args:
        arguments: After the program's name; None: those of this process.

    Returns:
        0 where all went well, 1 where a stage failed, 2 for a wrong parameter or path, 130 and 143
        where Ctrl-C and SIGTERM ended a run, 141 where nobody reads the output any longer.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    return ended_quietly(lambda: _done(given))


def _done(given: list[str]) -> int:
    try:
        with command_line.make_context(PROGRAM, given) as context:
            command_line.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        return _refused(error.format_message(), _help_of(error))
    except ValueError as error:
        return _refused(str(error))
    except ModuleNotFoundError as error:
        return _refused(_not_installed(error))
    except KeyboardInterrupt:
        print("stopped by SIGINT", file=sys.stderr)
        return 130
    return 0


def _not_installed(error: ModuleNotFoundError) -> str:
    package = (error.name or "").partition(".")[0]
    if package in OURS:
        raise error
    return (
        f"The package {package!r} is not installed, which this command needs: "
        "pip install -e '.[pipeline]' (or make install)."
    )


def _help_of(error: click.UsageError) -> str:
    return f"Options: python {error.ctx.command_path} --help\n" if error.ctx else ""


def _refused(message: str, advice: str = "") -> int:
    print(f"{advice}error: {printable(message)}", file=sys.stderr)
    return 2
