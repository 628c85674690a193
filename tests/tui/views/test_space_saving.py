import pytest

from tests.tui.views.spaces import PARAMS, a_space, run_trials, write
from trialdeck.core.params import revisions
from trialdeck.tui.deck import Deck
from trialdeck.tui.messages import DraftSaved
from trialdeck.tui.screens.confirm import Confirm
from trialdeck.tui.screens.save import SaveScreen
from trialdeck.tui.seen import Seen
from trialdeck.tui.session import Session
from trialdeck.tui.views import space_saving

NEW = '[space]\nwidth = { type = "uniform", low = 0, high = 1, default = 0.5 }\n'


def newest(space):
    return revisions.newest_number(space.session.search.paths)


async def look(space):
    """Let the view look at the file now."""
    space.view._looked_at = float("-inf")
    space.view.look_at_file()
    await space.pilot.pause()


async def narrow(space, high=0.0005):
    space.document.set_value("space.learning_rate.high", high)
    space.view.redraw()


async def test_saving_shows_what_becomes_of_the_trials_before_anything_is_written(tmp_path):
    async with a_space(tmp_path, trials=30) as space:
        await narrow(space)
        await space.press("ctrl+s")
        kept = sum(1e-4 * 1.1**tid <= 0.0005 for tid in range(30))
        told = f"{kept} of 30 trials stay usable, {30 - kept} out of range (learning_rate)"
        assert told in space.words
        assert "the best trial, 29, would no longer be used" in space.words
        assert "- learning_rate" in space.words.replace("-learning", "- learning")
        assert space.file.read_text() == PARAMS
        assert newest(space) == 1
        await space.press("enter")
        assert space.file.read_text() == PARAMS.replace("high = 1e-1", "high = 0.0005")
        assert newest(space) == 2
        assert space.said == ["Saved; revision 2: running cores take it up at their next trial."]
        assert not space.view.unsaved


@pytest.mark.parametrize(
    ("text", "new", "told"),
    [
        (
            "[space]\n",
            NEW,
            "all 10 trials stay usable; width is new: old trials get its default 0.5",
        ),
        ('["relu", "gelu"]', '["relu", "gelu", "silu"]', "all 10 trials stay usable"),
        ('["relu", "gelu"]', '["relu", "silu"]', "5 of 10 trials stay usable, 5 not an option"),
        ("max_trials = 50", "max_trials = 60", "all 10 trials stay usable"),
    ],
)
def test_the_preview_tells_what_the_history_does_afterwards(tmp_path, text, new, told):
    assert text in PARAMS
    file = write(tmp_path)
    run_trials(file, 10)
    session = Session(Deck(file))
    document = space_saving.load(session)
    assert not space_saving.plan(session, document).publishes
    document.with_text(PARAMS.replace(text, new))
    plan = space_saving.plan(session, document)
    assert plan.revision == 1
    assert plan.lines[0].startswith(told)
    assert "revision 2" in space_saving.save(session, document).text
    search = session.search
    known = {tid: dict(trial.point) for tid, trial in search.snapshot().trials.items()}
    fits = [
        not search.params.space.check({"width": 0.5, **p} if "width" in new else p)
        for p in known.values()
    ]
    assert sum(fits) == (5 if told.startswith("5") else 10)


async def test_before_the_preview_is_there_nothing_can_be_saved(tmp_path):
    async with a_space(tmp_path, trials=1) as space:
        await narrow(space)
        space.app.feed.session = None  # the worker is busy
        await space.press("ctrl+s", "enter", "enter")
        assert isinstance(space.app.screen, SaveScreen)
        assert "reading the history" in space.screen
        await space.press("escape")
        assert space.file.read_text() == PARAMS
        assert space.view.unsaved


@pytest.mark.parametrize(("keys", "name", "revision"), [("enter", "tagging-2", 0), ("j", "", 2)])
async def test_losses_of_another_meaning_are_kept_only_when_told(tmp_path, keys, name, revision):
    async with a_space(tmp_path, trials=3) as space:
        space.document.set_value("search.metric", "accuracy")
        await space.press("ctrl+s")
        assert "measured differently" in space.words
        assert "Begin a new search, tagging-2" in space.words
        await space.press(keys, *(["enter"] if keys == "j" else []))
        params = space.document.params
        assert params.search.name == (name or "tagging")
        assert revisions.newest_number(revisions.history_paths(params)) == revision
        assert not space.view.unsaved


async def test_a_search_that_was_not_started_is_only_saved(tmp_path):
    async with a_space(tmp_path) as space:
        await space.press("D", "ctrl+s")
        assert "has not been started" in space.words
        await space.press("enter")
        assert "layers" not in space.file.read_text()
        assert space.said[-1] == "Saved params.toml."
        assert not (tmp_path / "history").exists()


async def test_with_nothing_changed_it_says_so(tmp_path):
    async with a_space(tmp_path, trials=1) as space:
        await space.press("ctrl+s")
        assert space.said == ["Nothing has changed since it was saved."]


async def test_a_file_that_was_saved_but_not_published_can_be_published(tmp_path):
    async with a_space(tmp_path, trials=1) as space:
        space.file.write_text(PARAMS.replace("high = 5", "high = 6"))
        await look(space)
        assert "read again" in space.said[0]
        assert "1 … 6" in space.screen
        await space.press("ctrl+s", "enter")
        assert newest(space) == 2


async def test_mistakes_are_not_saved_and_each_can_be_gone_to(tmp_path):
    async with a_space(tmp_path) as space:
        await narrow(space, 1e-5)
        await space.press("right_square_bracket", "=many", "ctrl+s")
        assert "Not saved: 2 mistakes first" in space.words
        await space.press("j", "enter")
        assert space.view.editor.row.name == "learning_rate"
        assert space.file.read_text() == PARAMS


async def test_what_another_program_wrote_is_never_overwritten_silently(tmp_path):
    async with a_space(tmp_path) as space:
        await narrow(space)
        theirs = PARAMS.replace("max_trials = 50", "max_trials = 70")
        space.file.write_text(theirs)
        await look(space)
        assert "changed by another program meanwhile" in space.words
        await space.press("ctrl+s", "enter")
        assert "has been changed by another program" in space.words
        assert "+max_trials = 70" in space.words
        await space.press("enter")
        assert space.file.read_text() == theirs
        assert space.view.unsaved


async def test_the_other_programs_file_can_be_taken_and_ones_own_changes_come_back(tmp_path):
    async with a_space(tmp_path) as space:
        await narrow(space)
        mine = space.document.text
        space.file.write_text(theirs := PARAMS.replace("max_trials = 50", "max_trials = 70"))
        await space.press("ctrl+s", "enter", "down", "enter")
        assert space.document.text == theirs
        assert not space.view.unsaved
        await space.press("ctrl+r")
        assert space.document.text == mine
        await space.press("ctrl+s", "enter")
        assert space.file.read_text() == mine


async def test_it_can_be_overwritten_when_told(tmp_path):
    async with a_space(tmp_path) as space:
        await narrow(space)
        space.file.write_text("# lost")
        await space.press("ctrl+s", "enter", "up", "enter")
        assert space.file.read_text() == space.document.text
        assert not space.view.unsaved


@pytest.mark.parametrize(("keys", "high"), [("down", 7), ("up", 9)])
async def test_a_draft_of_an_older_revision_is_pulled_or_forced(tmp_path, keys, high):
    async with a_space(tmp_path, trials=1) as space:
        other = tmp_path / "other.toml"
        other.write_text(PARAMS.replace("high = 5", "high = 7"))
        revisions.publish(space.session.search.paths, other, force=True)
        await space.press("right_square_bracket", "=9", "ctrl+s", "enter")
        assert "there is a newer revision" in space.words
        assert newest(space) == 2
        await space.press(keys, "enter")
        assert space.document.params.space["layers"].bounds == (1, high)
        assert space.file.read_text() == space.document.text
        assert newest(space) == (3 if keys == "up" else 2)


async def test_leaving_the_view_loses_nothing_and_quitting_asks(tmp_path):
    async with a_space(tmp_path) as space:
        await narrow(space)
        await space.press("5", "3")
        assert space.view.unsaved
        await space.press("q")
        assert isinstance(space.app.screen, Confirm)


async def test_others_are_told_that_the_file_was_saved(tmp_path, monkeypatch):
    async with a_space(tmp_path) as space:
        told = []
        post = space.view.post_message
        monkeypatch.setattr(space.view, "post_message", lambda m: told.append(m) or post(m))
        await space.press("D", "ctrl+s", "enter")
        assert [m for m in told if isinstance(m, DraftSaved)]


async def test_a_search_without_its_file_is_edited_from_its_newest_revision(tmp_path):
    async with a_space(tmp_path, None) as space:
        (tmp_path / "params.toml").write_text(PARAMS)
        space.publish()
        space.file.unlink()
        await space.press("escape")
        space.app.feed.show(Seen(space.file, "tagging"))
        await space.pilot.pause()
        assert "learning_rate" in space.screen
        assert space.view.unsaved
        await space.press("ctrl+s", "enter")
        assert space.file.read_text() == space.document.text


async def test_a_file_of_another_search_than_the_one_looked_at_is_told(tmp_path):
    async with a_space(tmp_path) as space:
        space.app.feed.show(Seen(space.file, "other", has_draft=True))
        await space.pilot.pause()
        assert "of the search tagging, not of other" in space.words


async def test_the_users_editor_has_the_file_and_the_view_reads_it_again(tmp_path, monkeypatch):
    async with a_space(tmp_path) as space:

        def edit(app, file):
            file.write_text(file.read_text().replace("high = 5", "high = 8"))
            return True

        monkeypatch.setattr("trialdeck.tui.views.space.edit", edit)
        await space.press("E")
        assert "1 … 8" in space.screen
        await space.press("D", "e")
        assert "Save your changes first" in space.said[-1]
