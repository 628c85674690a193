"""What can be done with a trial: run its point, or one like it; copy the point, write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.params.files import create_text
from trialdeck.tui.best import fixed_table
from trialdeck.tui.format import metric

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session


def retry(app: TrialdeckApp, trial: Trial) -> None:
    """Ask, then queue a new trial at the same point."""
    from trialdeck.tui.screens.confirm import Confirm

    if _pointless(app, trial):
        return
    tid, has_cores = trial.tid, bool(app.seen.cores)

    def queued(tids: list[int]) -> None:
        when = "" if has_cores else " once there are cores: n launches some"
        app.say(f"Trial {tids[0]} will run at the point of trial {tid}{when}.")

    def answered(yes: bool | None) -> None:  # noqa: FBT001 - given by the dialog
        if yes:
            app.ask(lambda session: session.search.retry([tid]), queued)

    detail = "A new trial gets its point; this one stays as it is."
    app.push_screen(Confirm(f"Run the point of trial {tid} again?", detail, "Retry"), answered)


def enqueue(app: TrialdeckApp, trial: Trial | None) -> None:
    """Open the form for a point to be tried first, with that of a trial if there is one."""
    from trialdeck.tui.screens.enqueue import EnqueueScreen

    params = app.seen.params
    if params is None:
        app.say("There is no search yet: n launches cores, and then points can be enqueued.")
    elif params.script is not None:
        app.say(f"{app.seen.name} is run by a script, which says by itself what it tries.")
    else:
        known = trial is not None and trial.point
        title = f"Enqueue a copy of trial {trial.tid}" if trial and known else "Enqueue a point"
        app.push_screen(EnqueueScreen(params, trial.point if trial else {}, title))


def copy(app: TrialdeckApp, trial: Trial) -> None:
    """Copy the point as a [fixed] table."""
    params = app.seen.params
    if params is None or _pointless(app, trial):
        return
    app.copy_to_clipboard(fixed_table(trial.point, params.space))
    app.say(f"Copied the point of trial {trial.tid} as a [fixed] table.")


def write(app: TrialdeckApp, trial: Trial) -> None:
    """Write all that the objective got into a file beside the parameter file."""
    if _pointless(app, trial):
        return

    def said(result: tuple[Path, bool]) -> None:
        path, is_new = result
        if is_new:
            app.say(f"Wrote {path}: its [fixed] table is the start of another search.")
        else:
            app.say(f"{path} exists already and was left as it is.", "warning")

    app.ask(lambda session: write_point(session, trial), said)


def write_point(session: Session, trial: Trial) -> tuple[Path, bool]:
    """Write the file, unless it exists; return its path and whether it was written."""
    from trialdeck.core.params import revisions

    search = session.search
    params = revisions.load(search.paths, trial.revision) if trial.revision else search.params
    name = params.search.metric or "loss"
    value = trial.metric(name) if trial.metric(name) is not None else trial.loss
    came = f", {name} {metric(value)}" if value is not None else ""
    lines = [
        f"# Trial {trial.tid} of the search {search.paths.name}{came}: all that the objective got.",
        "# To start another search here, put what is to stay as it is into the [fixed] table of a",
        "# params.toml, and search the rest around these values in its [space].",
        "",
        fixed_table({**params.fixed, **trial.point}, params.space),
        "",
    ]
    path = session.file.parent / f"trial-{trial.tid}.toml"
    return path, create_text(path, "\n".join(lines))


def _pointless(app: TrialdeckApp, trial: Trial) -> bool:
    """Say so when nobody knows the point."""
    if not trial.point:
        app.say(f"The point of trial {trial.tid} is not known: its start is missing.", "warning")
    return not trial.point
