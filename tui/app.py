"""The Textual application: one window, five views, and what they have in common."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import App
from textual.binding import Binding
from textual.widgets import ContentSwitcher, Footer

from trialdeck.tui import crash
from trialdeck.tui.bells import news
from trialdeck.tui.config import Config, config_file
from trialdeck.tui.feed import Job
from trialdeck.tui.glyphs import is_unicode, use_ascii
from trialdeck.tui.messages import JobAsks, JobDone, JobFailed, Looked, OpenLog, OpenTrial, OpenView
from trialdeck.tui.seen import Seen
from trialdeck.tui.sites import works_on
from trialdeck.tui.widgets.top_line import TopLine, head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.screen import Screen

    from trialdeck.tui.feed import Feed
    from trialdeck.tui.session import Session
    from trialdeck.tui.views.view import View

# Only the view that is visited is imported.
VIEWS = {
    "overview": ("Overview", "trialdeck.tui.views.overview:OverviewView"),
    "trials": ("Trials", "trialdeck.tui.views.trials:TrialsView"),
    "space": ("Space", "trialdeck.tui.views.space:SpaceView"),
    "cores": ("Cores", "trialdeck.tui.views.cores:CoresView"),
    "logs": ("Logs", "trialdeck.tui.views.logs:LogsView"),
}


def _key(keys: str, action: str, text: str, tooltip: str, *, show: bool = False) -> Binding:
    """Return a binding of the application, named after its action."""
    name = action.partition("(")[0] if "'" not in action else action.split("'")[1]
    return Binding(keys, action, text, show=show, id=f"app.{name}", tooltip=tooltip)


class TrialdeckApp(App[None]):
    """Shows a search and steers it. Closing it stops nothing."""

    TITLE = "Trialdeck"
    AUTO_FOCUS = None
    CSS = """
    Screen { layout: vertical; }
    ContentSwitcher { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            _key(str(number), f"view('{name}')", title, f"Show the view {title}.")
            for number, (name, (title, _)) in enumerate(VIEWS.items(), 1)
        ),
        _key(
            "n",
            "launch",
            "Launch",
            "Launch cores: where, how many, and what exactly runs.",
            show=True,
        ),
        _key("plus", "add_core", "Add a core", "Let one more trial run at once."),
        _key("minus", "remove_core", "Remove a core", "Let one trial less run at once."),
        _key(
            "p", "pause", "Pause", "Pause the search, or go on: running trials finish.", show=True
        ),
        _key("s", "stop", "Stop", "End the cores after their running trials."),
        _key("S", "stop_now", "Stop now", "End the cores at once; what they ran will run again."),
        _key("b", "best", "Best", "Show the best trial."),
        _key("colon", "trial", "Trial…", "Show a trial by its number."),
        _key("a", "answer", "Answer", "Answer what another machine asks before it lets us in."),
        _key("f2,h", "hosts", "Hosts", "Show the other machines: add, check, forget them."),
        _key("y", "copy", "Copy", "Copy what is selected: the best point, a point, a line."),
        _key("e", "edit", "Edit", "Open the parameter file in $VISUAL or $EDITOR."),
        _key(
            "question_mark,f1", "help", "Help", "Show all keys of what is on the screen.", show=True
        ),
        _key("q", "leave", "Quit", "Close the application; the search goes on.", show=True),
        _key("ctrl+z", "suspend_process", "Suspend", "Go to the shell; `fg` comes back."),
    ]

    def __init__(self, feed: Feed, config: Config | None = None) -> None:
        super().__init__()
        self.animation_level = "none"
        self.feed = feed
        self.config = config or Config()
        self.seen = Seen()
        if self.config.ascii is not None:
            use_ascii(self.config.ascii)

    def compose(self) -> ComposeResult:
        """Lay out the frame; views come at their first visit."""
        yield TopLine({name: title for name, (title, _) in VIEWS.items()})
        yield ContentSwitcher(id="views")
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        """Show the overview and begin to look."""
        self.set_class(not is_unicode(), "-ascii")
        if self.config.theme:
            self._choose_theme(self.config.theme)
        if self.config.keys:
            self.set_keymap(self.config.keymap)
        await self.go_to("overview")
        self.set_interval(1.0, self._tick)
        self.feed.start(self.post_message)

    def on_unmount(self) -> None:
        """End the threads."""
        self.feed.stop()

    def _choose_theme(self, name: str) -> None:
        if name in self.available_themes:
            self.theme = name
        else:
            known = ", ".join(self.available_themes)
            text = f'{config_file()}: there is no theme "{name}"; there is {known}'
            self.notify(text, severity="warning", markup=False)

    # -- views ------------------------------------------------------------------------------

    @property
    def view(self) -> View | None:
        """The view on the screen."""
        current = self.query_one("#views", ContentSwitcher).visible_content
        return cast("View | None", current)

    async def action_view(self, name: str) -> None:
        """Show a view."""
        await self.go_to(name)

    async def go_to(self, name: str) -> View:
        """Bring a view to the screen and return it."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        views = self.query_one("#views", ContentSwitcher)
        if not views.query(f"#{name}"):
            module, _, kind = VIEWS[name][1].partition(":")
            view = getattr(import_module(module), kind)(id=name)
            await views.add_content(view, id=name)
        views.current = name
        there = cast("View", views.get_child_by_id(name))
        self.query_one(TopLine).show(here=name)
        there.show(self.seen)
        there.take_focus()
        return there

    def _tick(self) -> None:
        # While the application ends, timers still run and widgets are gone.
        if self.is_running and self.seen.cores and self.view is not None:
            self.view.tick()

    # -- the worker thread ------------------------------------------------------------------

    def ask(
        self,
        work: Callable[[Session], Any],
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[str], None] | None = None,
    ) -> None:
        """Have something done in the worker thread (see `View.ask`)."""
        self.feed.do(Job(work, then, otherwise))

    @on(JobDone)
    def _job_done(self, message: JobDone) -> None:
        if message.then is not None and self.is_running:
            message.then(message.result)

    @on(JobAsks)
    def _job_asks(self, message: JobAsks) -> None:
        from trialdeck.tui.questions import put

        put(self, message.question, message.job)

    @on(JobFailed)
    def _job_failed(self, message: JobFailed) -> None:
        if not self.is_running:
            return
        text = message.text
        if message.trace:
            text += f"\nThis is a mistake in Trialdeck: see {crash.keep(message.trace)}"
        if message.otherwise is not None:
            message.otherwise(text)
        else:
            self.say(text, "error")

    def say(self, text: str, severity: Any = "information") -> None:
        """Show a short text in the corner, a long error in a dialog."""
        if severity == "error" and (len(text) > 200 or text.count("\n") > 3):
            from trialdeck.tui.screens.message import MessageScreen

            self.push_screen(MessageScreen(text))
        else:
            self.notify(text, severity=severity, markup=False)

    # -- messages ---------------------------------------------------------------------------

    @on(Looked)
    async def _looked(self, message: Looked) -> None:
        if not self.is_running:
            return  # it ends, and its widgets are gone
        before, self.seen = self.seen, message.seen
        self.screen_stack[0].query_one(TopLine).show(right=head(self.seen))
        if self.view is not None:
            self.view.show(self.seen)
        for screen in self.screen_stack[1:]:
            if callable(show := getattr(screen, "show_seen", None)):
                show(self.seen, before)
        for text, severity in news(self.seen, before):
            self.notify(text, severity=cast("Any", severity), markup=False, timeout=3)
            if self.config.bell:
                self.bell()
        if self.seen.is_new and len(self.screen_stack) == 1:
            from trialdeck.tui.screens.first_run import FirstRun

            await self.push_screen(FirstRun())

    @on(OpenView)
    @on(TopLine.Clicked)
    async def _open_view(self, message: OpenView | TopLine.Clicked) -> None:
        await self.go_to(message.name if isinstance(message, OpenView) else message.view_name)

    @on(OpenTrial)
    async def _open_trial(self, message: OpenTrial) -> None:
        cast("Any", await self.go_to("trials")).open(message.tid)

    @on(OpenLog)
    async def _open_log(self, message: OpenLog) -> None:
        cast("Any", await self.go_to("logs")).open(message)

    # -- steering ---------------------------------------------------------------------------

    def action_launch(self) -> None:
        """Open the launch form."""
        self._steer("launch")

    def action_add_core(self) -> None:
        """Let one more trial run at once."""
        self._steer("add_core")

    def action_remove_core(self) -> None:
        """Let one trial less run at once."""
        self._steer("remove_core")

    def action_pause(self) -> None:
        """Pause, or go on."""
        self._steer("pause_or_resume")

    def action_stop(self) -> None:
        """End all cores after their trials."""
        self._steer("stop")

    def action_stop_now(self) -> None:
        """End all cores now."""
        self._steer("stop_now")

    def _steer(self, name: str) -> None:
        getattr(import_module("trialdeck.tui.steering"), name)(self)

    def action_hosts(self) -> None:
        """Show the other machines, and launch on the one that is chosen there."""
        self._steer("show_hosts")

    def action_answer(self) -> None:
        """Answer what another machine wants to know first."""
        from trialdeck.tui.questions import answer

        answer(self)

    # -- looking ----------------------------------------------------------------------------

    async def action_best(self) -> None:
        """Show the best trial."""
        if self.seen.snapshot.best is None:
            self.say("No trial has succeeded yet.")
        else:
            self.post_message(OpenTrial(self.seen.snapshot.best))

    def action_trial(self) -> None:
        """Ask for a trial's number and show it."""
        from trialdeck.tui.screens.ask_number import AskNumber

        def show(tid: int | None) -> None:
            if tid is None:
                return
            if tid in self.seen.snapshot.trials:
                self.post_message(OpenTrial(tid))
            else:
                last = self.seen.snapshot.highest_tid
                there = f"the last is {last}" if last >= 0 else "there are none yet"
                self.say(f"There is no trial {tid}; {there}.", "warning")

        self.push_screen(AskNumber("trial"), show)

    def action_copy(self) -> None:
        """Copy what the view has to give: its selection, else the best point."""
        copy = getattr(self.view, "action_copy", None)
        if callable(copy):
            copy()
        else:
            self.copy_best()

    def copy_best(self) -> None:
        """Copy the best point as a [fixed] table."""
        seen = self.seen
        if seen.status is None or seen.status.best is None or seen.params is None:
            self.say("No trial has succeeded yet: there is nothing to copy.")
            return
        from trialdeck.tui.best import fixed_table

        best = seen.status.best
        self.copy_to_clipboard(fixed_table(best.params, seen.params.space))
        self.say(f"Copied the point of trial {best.tid} as a [fixed] table.")

    # -- the application itself -------------------------------------------------------------

    def acting(self, screen: Screen[Any]) -> Iterator[DOMNode]:
        """Yield what has bindings now: the focus and all around it, the view, the application."""
        nodes: list[DOMNode] = []
        if screen.focused is not None:
            nodes += [node for node in screen.focused.ancestors_with_self if node is not self]
        if self.view is not None:
            nodes.append(self.view)
        yield from dict.fromkeys([*nodes, self])

    def action_help(self) -> None:
        """Show all keys."""
        from trialdeck.tui.screens.help import HelpScreen, help_lines

        groups = help_lines(self.acting(self.screen), self.config.keymap)
        self.push_screen(HelpScreen(groups, str(config_file())))

    def action_edit(self) -> None:
        """Edit the parameter file, in the way of the view if it has one."""
        from trialdeck.tui.editing import edit

        own = getattr(self.view, "action_edit_file", None)
        if callable(own):
            own()
        elif self.seen.has_draft:
            edit(self, self.seen.file)
        else:
            self.say("There is no parameter file yet.")

    def action_leave(self) -> None:
        """Close the application; asks when the space has changes that are not saved."""
        views = self.screen_stack[0].query_one("#views", ContentSwitcher)
        unsaved = any(getattr(view, "unsaved", False) for view in views.children)
        if not unsaved:
            self._close()
            return
        from trialdeck.tui.screens.confirm import Confirm

        question = "Leave without saving the changes of the space?"
        self.push_screen(
            Confirm(question, "The search itself goes on in any case.", yes="Leave", danger=True),
            lambda yes: self._close() if yes else None,
        )

    def _close(self) -> None:
        """End, saying what goes on at other machines."""
        self.exit(message="\n".join(works_on(self.seen.sites)) or None)

    async def action_quit(self) -> None:
        """Leave as every way to leave does."""
        self.action_leave()

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[Any]:
        """Offer all actions, the themes, and a screenshot."""
        from textual.app import SystemCommand

        yield from _palette(self, screen)
        yield SystemCommand("Theme", "Choose other colours.", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save what is on the screen.", self._save_picture)

    def _save_picture(self) -> None:
        where = self.save_screenshot(path=os.curdir)
        self.say(f"Saved {where}")

    def _fatal_error(self) -> None:
        """Say that the application broke, without the values of any variable."""
        self.bell()
        self._exit_renderables.append(crash.explain())
        self._close_messages_no_wait()


def _palette(app: TrialdeckApp, screen: Screen[Any]) -> Iterator[Any]:
    """Yield every action that has a name, once."""
    from textual.app import SystemCommand

    known: set[str] = set()
    for node in app.acting(screen):
        for binding in node.BINDINGS:
            if not isinstance(binding, Binding) or not binding.id or not binding.tooltip:
                continue
            if binding.id in known:
                continue
            known.add(binding.id)
            group, _, _ = binding.id.partition(".")
            title = binding.description or binding.tooltip.rstrip(".")
            name = title if group == "app" else f"{group.capitalize()}: {title}"

            async def run(action: str = binding.action, where: DOMNode = node) -> None:
                await app.run_action(action, where)

            yield SystemCommand(name, binding.tooltip, run)
