"""`trialdeck hosts`: the other machines of the parameter file."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import click

from trialdeck.core import hosts as machines
from trialdeck.core.errors import LaunchError
from trialdeck.tui.asking import with_answers
from trialdeck.tui.commands.common import as_json, mark, say, say_json
from trialdeck.tui.deck import DeckCommand, deck_options, pass_deck
from trialdeck.tui.format import plural
from trialdeck.tui.machines import state_of
from trialdeck.tui.table import Cell, Column, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trialdeck.backends.base import Finding
    from trialdeck.core.hosts import Host
    from trialdeck.tui.deck import Deck


COLUMNS = (
    Column("host"),
    Column("address", cuts=True),
    Column("cores", right=True),
    Column("state"),
)


@click.group("hosts", invoke_without_command=True)
@click.pass_context
def hosts(ctx: click.Context) -> None:
    """Other machines that are reached by SSH: list, add, check, forget.

    Nothing has to be installed there but Python 3.11 or newer. `trialdeck launch ssh --host NAME`
    starts cores on one.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_hosts)


hosts.params += deck_options()


@hosts.command("list", cls=DeckCommand)
@as_json
@pass_deck
def list_hosts(deck: Deck, /, *, as_json: bool = False) -> None:
    """List the machines of the parameter file, and whether they can be reached."""
    names = [host.name for host in machines.hosts(deck.params_file)]
    machines.knock_all(deck.params_file, names)
    found = machines.hosts(deck.params_file)
    if as_json:
        say_json([_record(host) for host in found])
        return
    if not found:
        say(["There are no hosts yet. `trialdeck hosts add NAME [user@address]` adds one."])
        return
    rows = [
        [Cell(h.name), Cell(h.address), Cell(str(h.cores)), Cell(state_of(h.contact))]
        for h in found
    ]
    say(table(COLUMNS, rows))


@hosts.command("add", cls=DeckCommand)
@click.argument("name")
@click.argument("address", required=False, default="")
@click.option("--cores", type=click.IntRange(1), help="Cores that a launch there starts.")
@click.option("--user", help="Who to log in as.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where its sshd listens.")
@click.option("--key", help="The file of your key.")
@click.option("--jump", help="The host to go over.")
@click.option("--python", help="The command that runs Python 3.11 or newer there.")
@click.option("--folder", help="Where Trialdeck keeps its files there.")
@click.option("--environment", multiple=True, metavar="PACKAGE", help="Made there by pip.")
@click.option("--gpus", help="Which GPUs it uses there: auto, a number, or [0, 1].")
@click.option("--ahead", type=click.IntRange(0), help="Trials per core handed out in advance.")
@click.option("--files", multiple=True, metavar="PATTERN", help="What else is sent there.")
@click.option("--fixed", multiple=True, metavar="KEY=VALUE", help="A value of [fixed] there.")
@click.option("--no-check", is_flag=True, help="Write it down without connecting.")
@pass_deck
def add(deck: Deck, /, name: str, *, no_check: bool, fixed: Sequence[str], **given: Any) -> None:
    """Connect to a machine, say what it lacks, and write it into the parameter file.

    ADDRESS is an alias of ~/.ssh/config or user@address:port; without one NAME is taken.
    """
    values = {key: value for key, value in given.items() if value not in (None, "", ())}
    values |= {key: list(values[key]) for key in ("files", "environment") if key in values}
    if "gpus" in values:
        values["gpus"] = _value(values["gpus"])
    if fixed:
        values["fixed"] = dict(_pair(text) for text in fixed)
    values.setdefault("cores", 1)
    machines.check_addition(deck.params_file, name, values)
    found = [] if no_check else with_answers(lambda: machines.check(deck.params_file, name, values))
    machines.add(deck.params_file, name, values)
    _show(found)
    say(["", mark("ok", f"{name} is in {deck.params_file} now.")])
    say([f"Start cores there: `trialdeck launch ssh --host {name}`."])


@hosts.command("check", cls=DeckCommand)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@pass_deck
def check(deck: Deck, /, names: Sequence[str]) -> None:
    """Say what machines have of all that this search needs, and what would mend the rest."""
    chosen = names or [host.name for host in machines.hosts(deck.params_file)]
    if not chosen:
        say(["There are no hosts yet. `trialdeck hosts add NAME [user@address]` adds one."])
        return
    bad = []
    for name in chosen:
        say([f"{name}:"])
        try:
            found = _check(deck, name)
        except LaunchError as error:
            if len(chosen) == 1:
                raise
            say([mark("failed", str(error))])
            bad.append(name)
        else:
            _show(found)
            bad += [name] if any(row.good is False for row in found) else []
    if bad:
        raise LaunchError(f"something is missing on {', '.join(bad)}, see above")


@hosts.command("forget", cls=DeckCommand)
@click.argument("name")
@pass_deck
def forget(deck: Deck, /, name: str) -> None:
    """Take a machine out of the parameter file; new trials replace those it has not finished.

    What runs there runs on: end it with `trialdeck stop` before.
    """
    count = machines.forget(deck.params_file, name)
    say([mark("ok", f"{name} is forgotten.")])
    if count:
        say([f"{plural(count, 'trial')} that it had are run elsewhere, as new trials."])


def _check(deck: Deck, name: str) -> list[Finding]:
    return with_answers(lambda: machines.check(deck.params_file, name))


def _record(host: Host) -> dict[str, Any]:
    about = {"name": host.name, "address": host.address, "cores": host.cores}
    contact = host.contact
    return {**about, "state": contact.state, "why": contact.why, "heard": contact.heard}


def _show(found: Sequence[Finding]) -> None:
    for row in found:
        sign = {True: "ok", False: "failed", None: "warning"}[row.good]
        text = f"{row.what}: {row.said}"
        say([f"  {mark(sign, text)}" if row.good is not None else f"    {text}"])
        if row.cure:
            say([f"      {row.cure}"])


def _pair(text: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise click.BadParameter(f'"{text}" is not KEY=VALUE, as in --fixed data=/data/jets')
    return key.strip(), _value(value.strip())


def _value(text: str) -> Any:
    try:
        found: Mapping[str, Any] = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return found["value"]
