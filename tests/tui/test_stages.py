import click
from msgspec.structs import replace

from tests.tui.test_progress import NEW
from trialdeck.core.stage_status import Stage
from trialdeck.core.status import Best
from trialdeck.tui.overview import overview
from trialdeck.tui.progress import plain
from trialdeck.tui.stages import name_of
from trialdeck.tui.widgets.state_line import StateLine


def stage(number, what, fraction, trials, **counts):
    none = dict.fromkeys(("ok", "failed", "pruned", "running", "waiting"), 0)
    about = {"stage": number, "what": what, "fraction": fraction, "trials": trials}
    return Stage(**{**about, **none, **counts})


FIRST = stage(0, "on 10 % of the sample", 0.1, 100, ok=97, failed=3)
SECOND = stage(1, "on the full sample", 1.0, 10, ok=2, running=1)
PART = Best(17, -0.91, {"x": 1.0}, {"auc": 0.91})
STATUS = replace(NEW, state="running", reason="", stages=(FIRST, SECOND), best_reduced=PART)
WHOLE = replace(
    STATUS, best=Best(100000017, -0.93, {}, {}), best_reduced=None, rank_correlation=0.8571
)


def text_of(lines):
    return click.unstyle("\n".join(lines))


def test_status_shows_every_stage_and_what_there_is_of_a_best():
    text = text_of(overview(STATUS, 100))
    assert "best auc  none on the full sample yet; 0.91 on 10 % of it (trial 17)" in text
    assert "stage 0   97 of 100 on 10 % of the sample, 3 failed" in text
    assert "stage 1   2 of 10 on the full sample, 1 running" in text
    text = text_of(overview(WHOLE, 100))
    assert "best auc  0.93 (trial 100000017, 17 on the full sample)" in text
    assert "order     rank correlation of stages 0 and 1: 0.86" in text
    assert "stage 1: 2 of 10 on the full sample, 1 running" in plain(STATUS)


def test_the_application_shows_the_same():
    line = StateLine()
    line._status = STATUS
    lines = [content.plain for content in line.lines(100)]
    assert "stage 1: 2 of 10 on the full sample, 1 running" in lines[1]
    assert "none on the full sample yet" in " ".join(lines)
    line._status = NEW
    assert not any("stage" in content.plain for content in line.lines(100))


def test_a_trial_of_a_later_stage_is_named_after_whose_point_it_has():
    assert name_of(17) == "trial 17"
    assert name_of(100000017) == "trial 100000017, 17 on the full sample"
    assert name_of(300000017) == "trial 300000017, 17 with another seed"
