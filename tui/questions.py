"""Putting the questions of places to the user, and going on with what was to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.feed import Job
from trialdeck.tui.screens.question import QuestionScreen

if TYPE_CHECKING:
    from trialdeck.backends.base import Question
    from trialdeck.tui.app import TrialdeckApp


def put(app: TrialdeckApp, question: Question, job: Job) -> None:
    """Ask the user; the answer is given in a thread of the feed, which then does the job again."""

    def answered(said: str | None) -> None:
        if said is not None:
            app.feed.do(job.answering(question, said))
        elif job.otherwise is not None:
            job.otherwise(f"Not answered: {question.text}")

    app.push_screen(QuestionScreen(question), answered)


def answer(app: TrialdeckApp) -> None:
    """Put the first question that a machine of the search has."""
    row = next((row for row in app.seen.sites if row.question is not None), None)
    if row is None or row.question is None:
        app.say("No machine asks anything.")
        return
    name = row.name
    put(app, row.question, Job(lambda session: session.search.answered(name), apart=True))
