"""Somebody else has changed the parameter file meanwhile, or published another revision."""

from __future__ import annotations

from trialdeck.tui.screens.choose import Answer, Choose, difference_content


class DraftChangedScreen(Choose):
    """Asks what is to become of a file that another program has changed.

    The result is "theirs" (read the file again), "mine" (write over it), None (edit on).
    """

    def __init__(self, name: str, difference: str) -> None:
        super().__init__(
            f"{name} has been changed by another program",
            [
                Answer("edit", "Edit on", "nothing is written or read"),
                Answer("theirs", "Take the file", "your changes can be undone back to"),
                Answer("mine", "Write yours over it", "the other change is lost"),
            ],
            difference_content(difference),
        )


class PublishConflictScreen(Choose):
    """Asks about a draft that was made from an older revision than the newest.

    The result is "pull" (the newest revision becomes the draft), "force" (the draft is
    published all the same), None (it stays a draft).
    """

    def __init__(self, text: str) -> None:
        super().__init__(
            "Saved, but not published: there is a newer revision",
            [
                Answer("later", "Leave it so", "running cores know nothing of your changes"),
                Answer("pull", "Take the newest revision", "yours is kept as params.toml.old"),
                Answer("force", "Publish yours", "it replaces what the newest revision says"),
            ],
            difference_content(text),
        )
