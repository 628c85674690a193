import multiprocessing

import pytest

from trialdeck.core.errors import DraftConflict
from trialdeck.core.params import revisions
from trialdeck.core.params.read import read_params

TEXT = """\
[search]
name = "top"
objective = "trialdeck.core.demo:branin"
[space]
rate = { type = "uniform", low = 0.0, high = 1.0 }
[fixed]
"""
PROCESSES = 4


@pytest.fixture
def draft(tmp_path):
    file = tmp_path / "params.toml"
    file.write_text(TEXT)
    return file


def _publish(draft, flags, start, results):
    paths = revisions.history_paths(read_params(draft))
    start.wait()
    try:
        revision = revisions.publish(paths, draft, flags)
    except DraftConflict:
        results.put(("refused", flags))
    else:
        results.put((revision.number, revision.changed))


def publish_at_once(calls):
    """Publish from a process for each (draft, flags), all at the same moment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["trialdeck.core.params.revisions"])
    start, results = context.Barrier(len(calls)), context.Queue()
    processes = [context.Process(target=_publish, args=(*call, start, results)) for call in calls]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return found


def nothing_left_over(paths):
    return list(paths.params.rglob("*.tmp")) == []


def test_different_flags_add_up(draft):
    paths = revisions.history_paths(read_params(draft))
    revisions.publish(paths, draft)
    found = publish_at_once([(draft, {f"fixed.n{n}": n}) for n in range(PROCESSES)])
    assert sorted(found) == [(number, True) for number in range(2, PROCESSES + 2)]
    assert revisions.load(paths, PROCESSES + 1).fixed == {f"n{n}": n for n in range(PROCESSES)}
    assert nothing_left_over(paths)


@pytest.mark.parametrize("flags", [{}, {"search.max_trials": 7}])
def test_equal_calls_publish_once(draft, flags):
    found = publish_at_once([(draft, flags)] * PROCESSES)
    assert sorted(found) == [(1, False)] * (PROCESSES - 1) + [(1, True)]
    assert nothing_left_over(revisions.history_paths(read_params(draft)))


def test_one_of_several_drafts_wins_and_the_others_are_refused(tmp_path):
    drafts = [tmp_path / f"{number}.toml" for number in range(PROCESSES)]
    for number, draft in enumerate(drafts):
        draft.write_text(f"{TEXT}n = {number}\n")
    found = publish_at_once([(draft, {}) for draft in drafts])
    assert sorted(found, key=str) == [("refused", {})] * (PROCESSES - 1) + [(1, True)]
    paths = revisions.history_paths(read_params(drafts[0]))
    assert revisions.newest(paths).number == 1
    assert nothing_left_over(paths)
