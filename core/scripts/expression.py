"""What hyperopt's expression of a space says, label by label."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions.options import value_mistake
from trialdeck.core.params.script import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import hyperopt

_OPTION_LENGTH = 60  # characters of an option's name


def labels_of(domain: hyperopt.base.Domain) -> list[Label]:
    """Return the labels of a space, each choice before what lies below its options."""
    found: dict[str, _Found] = {}
    _visit(domain.expr, (), whole=False, found=found)
    return [one.label() for one in found.values()]


def active_labels(domain: hyperopt.base.Domain, vals: Mapping[str, list[Any]]) -> set[str]:
    """Return the labels that the space needs at a point; the options chosen there decide it."""
    active: set[str] = set()
    _walk(domain.expr, vals, active)
    return active


def _walk(node: Any, vals: Mapping[str, list[Any]], active: set[str]) -> None:
    below = node.inputs()
    if node.name == "hyperopt_param":
        active.add(node.arg["label"].obj)
        below = node.arg["obj"].inputs()  # a bound that is drawn itself
    elif node.name == "switch" and node.pos_args[0].name == "hyperopt_param":
        choice, *options = node.pos_args
        drawn = vals.get(choice.arg["label"].obj) or [len(options)]
        below = [choice, *options[drawn[0] : drawn[0] + 1]]
    for one in below:
        _walk(one, vals, active)


class _Found:
    """A label, the nodes that draw it, and where it was met."""

    def __init__(self, name: str, prior: Any) -> None:
        self.name = name
        self.prior = prior
        self.options: list[Any] = []
        self.paths: list[tuple[tuple[str, str], ...]] = []
        self.whole = False

    def label(self) -> Label:
        arguments = _numbers(self.prior)
        parent = _common(self.paths)
        return Label(
            self.name,
            prior=self.prior.name if arguments is not None or self.options else "",
            arguments=arguments or [],
            whole=self.whole,
            options=self.options,
            parent=list(parent) if parent else [],
        )


def _visit(node: Any, path: tuple[tuple[str, str], ...], *, whole: bool, found: Any) -> None:
    """Go down the expression; `path` has the choices on the way, each with its option."""
    if node.name == "hyperopt_param":
        _meet(node, path, whole=whole, found=found)
    elif node.name == "switch" and node.pos_args[0].name == "hyperopt_param":
        choice = _meet(node.pos_args[0], path, whole=False, found=found)
        choice.options = _options(node.pos_args[1:])
        for option, below in zip(choice.options, node.pos_args[1:], strict=True):
            _visit(below, (*path, (choice.name, option)), whole=False, found=found)
    else:
        inside = node.name == "int" or (whole and node.name == "float")
        for below in node.inputs():
            _visit(below, path, whole=inside, found=found)


def _meet(node: Any, path: Any, *, whole: bool, found: dict[str, _Found]) -> _Found:
    name = node.arg["label"].obj
    one = found.setdefault(name, _Found(name, node.arg["obj"]))
    one.paths.append(path)
    one.whole = whole
    for below in node.arg["obj"].inputs():  # a bound that is drawn itself
        _visit(below, path, whole=False, found=found)
    return one


def _common(paths: list[tuple[tuple[str, str], ...]]) -> tuple[str, str] | None:
    """Return the innermost option that a label always lies below."""
    inner = [path[-1] for path in paths if path]
    return inner[0] if len(inner) == len(paths) and len(set(inner)) == 1 else None


def _numbers(prior: Any) -> list[float] | None:
    """Return the arguments of a distribution, None when they are expressions themselves."""
    nodes = [*prior.pos_args, *(node for _, node in prior.named_args)]
    if prior.name == "categorical":
        nodes = list(nodes[0].pos_args) if nodes and nodes[0].name == "pos_args" else nodes
    values = [_plain(node.obj) for node in nodes if node.name == "literal"]
    if len(values) != len(nodes) or not all(isinstance(v, int | float) for v in values):
        return None
    return [float(value) for value in values]


def _options(nodes: list[Any]) -> list[Any]:
    """Return the options of a choice as they are shown: values, or names of what has parts."""
    named = [_option(node) for node in nodes]
    # As `same` has it: true is not 1, while 1 is 1.0.
    distinct = {(isinstance(name, bool), name) for name in named if not value_mistake(name)}
    if len(distinct) == len(named):
        return named
    return [f"option {number}" for number in range(len(named))]


def _option(node: Any) -> Any:
    """Return the value or the name of an option, None when it has neither."""
    if node.name == "literal":
        value = _plain(node.obj)
        known = isinstance(value, bool | int | float | str)
        return value if known else _writable(str(value)[:_OPTION_LENGTH])
    return next(_names(node), None)


def _plain(value: Any) -> Any:
    """Return a number or a text of numpy's or of another class as Python's own."""
    if getattr(value, "ndim", None) == 0:  # numpy's, without importing it
        value = value.item()
    if isinstance(value, str):
        return _writable(str.__str__(value))
    kind = next((kind for kind in (bool, int, float) if isinstance(value, kind)), None)
    return value if kind is None else kind(value)


def _writable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _names(node: Any) -> Iterator[str]:
    """Yield the texts directly in a list or a dict; what tells options apart comes first there."""
    inner = dict(node.named_args)
    first = [inner[key] for key in ("name", "type") if key in inner]
    for below in (*first, *node.inputs()):
        if below.name == "literal" and isinstance(below.obj, str):
            yield _plain(below.obj)


def source_of(function: Callable[..., Any], folder: Path) -> tuple[str, Path | None]:
    """Return what an objective is called, "file.py:name" where there is a file, and that file."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:
        file = None
    if file is None or file.startswith("<"):
        return f"{getattr(function, '__module__', None) or 'script'}:{name}", None
    path = folder.joinpath(file).resolve()
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path.name
    return f"{shown}:{name}", path
