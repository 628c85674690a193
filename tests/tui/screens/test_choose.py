from textual.app import App

from trialdeck.tui.screens.ask_text import AskText
from trialdeck.tui.screens.choose import Answer, Choose, difference_content
from trialdeck.tui.screens.choose_type import ChooseType

ANSWERS = [Answer("a", "Apples", "red"), Answer("p", "Pears"), Answer("q", "Quinces")]


async def answer(screen, *keys):
    app = App()
    answers = []
    async with app.run_test() as pilot:
        await app.push_screen(screen, answers.append)
        await pilot.press(*keys)
        await pilot.pause()
    return answers


async def test_the_answer_is_the_one_under_the_cursor():
    assert await answer(Choose("Which?", ANSWERS), "enter") == ["a"]
    assert await answer(Choose("Which?", ANSWERS), "j", "down", "k", "enter") == ["p"]
    assert await answer(Choose("Which?", ANSWERS, here="q"), "enter") == ["q"]


async def test_escape_answers_nothing():
    assert await answer(Choose("Which?", ANSWERS, "text"), "escape") == [None]


async def test_the_type_chooser_begins_at_the_type_of_now():
    assert await answer(ChooseType("Which?", "loguniform"), "enter") == ["loguniform"]


async def test_a_text_is_taken_when_nothing_is_wrong_with_it():
    def asked():
        return AskText("What?", "a", check=lambda text: "" if len(text) == 2 else "two letters")

    assert await answer(asked(), "enter") == []
    assert await answer(asked(), "end", "b", "enter") == ["ab"]
    assert await answer(asked(), "escape") == [None]


def test_a_difference_has_its_signs_and_no_control_characters():
    content = difference_content("--- old\n+++ new\n  …\n key\n-a = 1\n+a = \x1b[31m2")
    assert content.plain == "--- old\n+++ new\n  …\n key\n-a = 1\n+a = ?[31m2"
    styles = {content.plain[span.start : span.end]: span.style for span in content.spans}
    assert styles["-a = 1"] == "$text-error"
    assert styles["+a = ?[31m2"] == "$text-success"
