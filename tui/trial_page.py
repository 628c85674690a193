"""All about one trial, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.status import shown as metric_of
from trialdeck.tui.best import WHOLE, network_facts, point_lines
from trialdeck.tui.chart import chart
from trialdeck.tui.format import clock, duration, metric, one_line, pad, plural, width_of
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.table import Cell, Column, paint, pairs, state_cell, table, terminal_width

if TYPE_CHECKING:
    from trialdeck.core.history.attempts import Attempt
    from trialdeck.core.history.events import Environment
    from trialdeck.core.history.reports import Curve
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.core.params.model import Params

CHARTS = 2  # learning curves that are drawn
CHART_WIDTH = 64
ATTEMPT_COLUMNS = (
    Column("attempt", right=True),
    Column("state"),
    Column("began"),
    Column("took", right=True),
    Column("core", right=True),
    Column("pool"),
    Column("why", cuts=True),
)


def page(
    snapshot: Snapshot,
    trial: Trial,
    params: Params,
    curve: Curve,
    kept: KeptNetwork | None = None,
) -> list[str]:
    """Return the lines of `trialdeck show`."""
    name = params.search.metric or "loss"
    lines = [_title(trial, name, params), "", *point_lines(trial.point, params.space)]
    others = [(n, metric(v)) for n, v in trial.metrics.items() if n != name]
    if others:
        lines += _section("also returned", pairs(others))
    lines += _section("learning curve", _curve(curve, name))
    lines += _section("attempts", table(ATTEMPT_COLUMNS, map(attempt_row, trial.attempts)))
    lines += _section("where it comes from", pairs(provenance(snapshot, trial)))
    if kept is not None:
        lines += _section("trained network", pairs(network_facts(kept), width=WHOLE))
    if trial.message or trial.traceback:
        text = trial.traceback.rstrip() or trial.message
        lines += _section(trial.cause or "message", [f"  {x}" for x in map(tame, text.split("\n"))])
    return lines


def _title(trial: Trial, name: str, params: Params) -> str:
    left = f"trial {trial.tid}"
    value = metric_of(trial, name, params.search.direction)
    right = f"{name} {metric(value)}" if value is not None else trial.cause
    state = Cell(f"{glyph(trial.state)} {trial.state}", COLORS[trial.state])
    width = terminal_width() - width_of(left) - width_of(state.text) - 2
    return f"{paint(Cell(left, bold=True))}  {paint(state)}{pad(right, width, right=True)}"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", paint(Cell(title, "bright_black")), *lines] if lines else []


def tame(line: str) -> str:
    """Return a line of a traceback as it is set in, without control characters."""
    text = one_line(line)
    return " " * (len(line) - len(line.lstrip(" "))) + text


def _curve(curve: Curve, name: str) -> list[str]:
    names = sorted(curve.values, key=lambda other: (other != name, other))
    lines = []
    for one in names[:CHARTS]:
        drawn = chart(curve.steps, curve.values[one], min(CHART_WIDTH, terminal_width() - 2))
        lines += [f"  {one_line(one)}", *(f"  {line}" for line in drawn)]
    if len(names) > CHARTS:
        lines.append(f"  also reported: {', '.join(names[CHARTS:])}")
    return lines


def attempt_row(attempt: Attempt) -> list[Cell | str]:
    """Return the cells below `ATTEMPT_COLUMNS`."""
    why = attempt.message or attempt.cause
    return [
        str(attempt.attempt),
        state_cell(attempt.state) if attempt.state in COLORS else Cell(attempt.state),
        clock(attempt.started_at),
        duration(attempt.seconds) if attempt.seconds else glyph("none"),
        glyph("none") if attempt.core is None else str(attempt.core),
        attempt.writer[:8],
        one_line(why.split("\n")[0]),
    ]


def provenance(snapshot: Snapshot, trial: Trial) -> list[tuple[str, str]]:
    """Return where the point comes from and which code ran where, as names and texts."""
    facts = [
        ("point", one_line(trial.origin) or "suggested"),
        ("revision", f"{trial.revision} (`trialdeck params --revision {trial.revision}`)"),
        ("seed", str(trial.seed)),
    ]
    environment = snapshot.environments.get(trial.environment)
    return facts + (_code(environment) if environment is not None else [])


def _code(environment: Environment) -> list[tuple[str, str]]:
    dirty = ", with changes that are not committed" if environment.git_dirty else ""
    packages = [f"{name} {version}" for name, version in environment.versions.items()]
    facts = [
        ("objective", f"{environment.objective}  sha256 {environment.objective_hash[:12]}"),
        ("commit", f"{environment.git_commit[:12]}{dirty}" if environment.git_commit else ""),
        ("host", f"{environment.host} ({environment.device})"),
        ("python", environment.python),
        ("packages", f"{plural(len(packages), 'package')}: {', '.join(packages)}"),
    ]
    return [(name, one_line(text)) for name, text in facts if text]
