"""The command `trialdeck`. A command's module is imported only when that command runs."""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from trialdeck.core.errors import TrialdeckError
from trialdeck.tui.deck import deck_options
from trialdeck.tui.exits import MEANINGS, Exit, exit_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class Entry(NamedTuple):
    """Where a command is, below `trialdeck.tui.commands`, and what it does in a few words."""

    place: str
    text: str


COMMANDS = {
    "Begin": {
        "demo": Entry("begin:demo", "Watch a small search that needs no data and no torch."),
        "init": Entry("begin:init", "Write a params.toml to start from."),
        "check": Entry("begin:check", "Find what is wrong before anything starts."),
    },
    "Run": {
        "run": Entry("run:run", "Search on this machine, and watch."),
        "launch": Entry("steer:launch", "Start cores that go on by themselves."),
        "hosts": Entry("hosts:hosts", "Other machines, by SSH: list, add, check, forget."),
        "slurm-script": Entry("steer:slurm_script", "Write a script for sbatch by hand."),
        "stop": Entry("steer:stop", "End cores after their running trials, or now."),
        "pause": Entry("steer:pause", "Let running trials finish and start no more."),
        "resume": Entry("steer:resume", "Go on after a pause."),
        "enqueue": Entry("enqueue:enqueue", "Have points of your own tried first."),
        "retry": Entry("steer:retry", "Run the points of trials again, as new trials."),
        "confirm": Entry("confirm:confirm", "Run the best points with other seeds, to be quoted."),
    },
    "Look": {
        "status": Entry("look:status", "Where the search stands, and why nothing runs."),
        "cores": Entry("look:cores", "What every core does."),
        "trials": Entry("trials:trials", "The trials, as a table."),
        "show": Entry("trials:show", "All about one trial."),
        "log": Entry("trials:log", "What a trial or a core printed."),
        "best": Entry("trials:best", "The best hyperparameters so far."),
        "suggest": Entry("suggest:suggest", "What would be tried next, and why."),
    },
    "Keep": {
        "params": Entry("revisions:params", "The published parameters and their revisions."),
        "searches": Entry("keep:searches", "List, rename, archive or delete searches."),
        "export": Entry("keep:export", "Write all trials to a file."),
        "import": Entry("keep:import_trials", "Take over trials from a file."),
        "doctor": Entry("doctor:doctor", "Find, mend and pack what lies in a history."),
    },
}
_ENTRIES = {name: entry for group in COMMANDS.values() for name, entry in group.items()}


class Cli(click.Group):
    """Loads commands by name, lists them without loading any, and ends with our exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - of click
        """Return the names of all commands."""
        return list(_ENTRIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in _ENTRIES:
            return None
        module, _, function = _ENTRIES[cmd_name].place.partition(":")
        found: click.Command = getattr(import_module(f"trialdeck.tui.commands.{module}"), function)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Add "did you mean" to an unknown command."""
        name = args[0]
        if name not in _ENTRIES and not name.startswith("-"):
            close = difflib.get_close_matches(name, _ENTRIES, n=1)
            cure = f"Did you mean {close[0]}?" if close else "`trialdeck --help` lists them."
            ctx.fail(f'There is no command "{name}". {cure}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands by what they are for."""
        for title, group in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.text) for name, entry in group.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Explain the exit codes."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), text) for code, text in MEANINGS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; our errors become a text on stderr and an exit code."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except TrialdeckError as error:
            click.echo(str(error), err=True)
            ctx.exit(int(exit_of(error)))
        except (click.Abort, KeyboardInterrupt):
            click.echo("\nStopped.", err=True)
            ctx.exit(int(Exit.STOPPED))


@click.command(
    cls=Cli,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="trialdeck", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Search hyperparameters on many cores: suggest, train, remember.

    Without a command, open the application on the search of ./params.toml.
    """
    if ctx.invoked_subcommand is None:
        import_module("trialdeck.tui.commands.look").without_command(ctx)


cli.params += deck_options()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process."""
    for stream in (sys.stdout, sys.stderr):
        # What the terminal's encoding has no word for is replaced, never a reason to crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    cli.main(args=arguments, prog_name="trialdeck")
