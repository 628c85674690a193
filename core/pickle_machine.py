"""The stack machine that a pickle is a program for, without anything that could do harm.

Python's own machine imports and calls what the program names. This one knows the names of
`pickled_types.KNOWN`, each with a function of ours that makes plain data of its arguments; it sets
no attribute and calls no method by a name out of the program.

Nor can a program crash it: nothing recurses, what is hashed is flat, no operation copies anything
long that is in memory already, and both the operations and the stack are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trialdeck.core.pickled_types import KNOWN, OPAQUE, Instance, Known

if TYPE_CHECKING:
    import struct

MOST_STEPS = 50_000_000  # the Trials of 100,000 trials in ten dimensions take half of them
MOST_WAITING = 100_000  # on the stack; picklers let no more than some thousands wait
STOP = ord(".")
_KEYS = (str, int, float, bool, type(None), bytes)


class BadPickle(Exception):
    """Bytes that are no pickle, or none that may be read; its text says why."""


class EndsEarly(BadPickle):
    """The bytes end before the pickle does."""


class Forbidden(BadPickle):
    """The pickle asks for something that is not on the list."""


class Machine:
    """Runs one program. `marks` are the stacks that wait until a later one is complete."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self, operations: Mapping[int, Operation]) -> None:
        """Run to the end, which leaves the value on the stack."""
        data, size = self.data, len(self.data)
        for _ in range(MOST_STEPS):
            if self.position >= size:
                raise EndsEarly(f"it ends at byte {size}, before its end")
            code = data[self.position]
            self.position += 1
            if code == STOP:
                if self.marks or len(self.stack) != 1:
                    raise ValueError("something is left over")
                return
            operation = operations.get(code)
            if operation is None:
                raise BadPickle(f"byte {self.position - 1} ({code:#04x}) is no operation")
            operation(self)
            if len(self.stack) > MOST_WAITING or len(self.marks) > MOST_WAITING:
                raise BadPickle(f"more than {MOST_WAITING:,} objects wait for each other in it")
        raise BadPickle(f"it takes more than {MOST_STEPS:,} steps to read")

    # -- reading the program ----------------------------------------------------------------

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if count < 0:
            raise ValueError("a length below 0")
        start, end = self.position, self.position + count
        if end > len(self.data):
            raise EndsEarly(f"it ends at byte {len(self.data)}, in the middle of something")
        self.position = end
        return self.data[start:end]

    def line(self) -> bytes:
        """Return the bytes up to the next newline."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise EndsEarly(f"it ends at byte {len(self.data)}, in the middle of a line")
        taken = self.data[self.position : end]
        self.position = end + 1
        return taken

    def number(self, layout: struct.Struct) -> Any:
        """Return the number that comes next."""
        return layout.unpack(self.take(layout.size))[0]

    # -- the stack --------------------------------------------------------------------------

    def push(self, value: Any) -> None:
        """Put an object on the newest stack."""
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a new stack on top."""
        self.marks.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        """End the newest stack and return what is on it."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def fold(self, count: int) -> None:
        """Replace the topmost objects by a tuple of them."""
        if len(self.stack) < count:
            raise IndexError("too few objects")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def pop(self) -> None:
        """Drop the topmost object, or the mark that is there."""
        if self.stack:
            self.stack.pop()
        else:
            self.since_mark()

    def remember(self, key: int) -> None:
        """Keep the topmost object for later."""
        self.memo[key] = self.stack[-1]

    def extend(self, items: list[Any]) -> None:
        """Add items to the list that is topmost."""
        target = self.stack[-1]
        if target is not OPAQUE:
            if type(target) is not list:
                raise TypeError("items for what is no list")
            target.extend(items)

    def fill(self, items: list[Any]) -> None:
        """Put keys and values, in turns, into the dict that is topmost."""
        target = self.stack[-1]
        if target is not OPAQUE:
            _put(target, items)

    # -- what a pickle calls ----------------------------------------------------------------

    def find(self, module: Any, name: Any) -> Known:
        """Return what stands for a name; the text of both must be on the list exactly."""
        if type(module) is str and type(name) is str and (module, name) in KNOWN:
            return KNOWN[module, name]
        raise Forbidden(f"it refers to {_shown(module)}.{_shown(name)}")

    def call(self, function: Any, arguments: Any) -> None:
        """Push what stands for the result of a call."""
        if type(function) is not Known or type(arguments) is not tuple:
            raise TypeError("a call of what cannot be called")
        self.push(function.make(*arguments))

    def reduce(self) -> None:
        """Call a function, or make an object of a class."""
        arguments = self.stack.pop()
        self.call(self.stack.pop(), arguments)

    def new_with_names(self) -> None:
        """Make an object of a class; named arguments are not for us."""
        if self.stack.pop() != {}:
            raise Forbidden("it makes an object with named arguments")
        self.reduce()

    def instance(self) -> None:
        """Make an object, as protocol 0 does it."""
        known = self.find(self.line().decode(), self.line().decode())
        self.call(known, tuple(self.since_mark()))

    def object(self) -> None:
        """Make an object, as protocol 1 does it."""
        known, *arguments = self.since_mark()
        self.call(known, tuple(arguments))

    def stack_global(self) -> None:
        """Push what stands for a name whose two parts are on the stack."""
        name = self.stack.pop()
        self.push(self.find(self.stack.pop(), name))

    def build(self) -> None:
        """Give an object its state; a dict that was more than a dict once needs none."""
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, Instance):
            target.set_state(state)
        elif target is not OPAQUE and type(target) is not dict:
            raise TypeError("a state for what has none")


def _put(target: Any, items: list[Any]) -> None:
    if type(target) is not dict or len(items) % 2:
        raise TypeError("entries for what is no dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        # Python would hash nested tuples by recursion, however deep they are.
        if type(key) not in _KEYS:
            raise TypeError("a key that is neither a text nor a number")
        target[key] = value


def dict_of(items: list[Any]) -> dict[Any, Any]:
    """Return a dict of keys and values in turns."""
    made: dict[Any, Any] = {}
    _put(made, items)
    return made


def _shown(name: Any) -> str:
    """Return a name for an error message."""
    text = name if type(name) is str else f"<{type(name).__name__}>"
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:60] + "…"


Operation = Callable[[Machine], object]
