"""What a core says, for tests that start one."""

from tests.conditions import until


def said_until(core, last):
    """Return what a core says up to its first message of a type (or of one of several)."""
    said = []

    def done():
        said.extend(core.receive())
        return any(isinstance(message, last) for message in said)

    until(done, 20, f"the core has not said {last}; it said {said}")
    return said
