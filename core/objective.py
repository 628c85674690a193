"""The user's function: loading it, calling it, and reading what it returns."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ObjectiveError
from trialdeck.core.resuming import take_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType


class TrialStopped(Exception):
    """Raised by `Trial.report` when the core has to end; the trial will run again."""


class TrialPruned(Exception):
    """Raised by `Trial.report` when [pruning] ends the trial early; an objective may raise it too.

    What an objective that catches it returns is kept with the trial, which is pruned all the same.
    """


def _never() -> str:
    return ""


@dataclass(slots=True)
class Trial:
    """What an objective may know of its trial, and the way to report from it.

    `seed` is the same for every attempt at this trial. `fraction` (0 to 1) is the part of the
    training sample to use, a smaller one within a larger one and with the same shares of all
    classes. `confirming` is whether the search is over and this is for the report: only then should
    anything be measured on a test sample, as ``test_auc`` and the like. `device` is "cpu" or
    "cuda:0" (the assigned GPU is always number 0).
    """

    tid: int
    seed: int
    fraction: float
    device: str
    checkpoint: Path
    model: Path
    send_report: Callable[[int, dict[str, float]], None]
    asked_to_stop: Callable[[], bool]
    why_prune: Callable[[], str] = _never
    steps: int = 0
    confirming: bool = False

    @property
    def checkpoint_dir(self) -> Path:
        """A folder for what a further attempt at this trial goes on from.

        An attempt finds there what the newest earlier attempt left. Write to another name, then
        rename: the process may end at any moment. It is removed when the trial has its result.
        """
        take_over(self.checkpoint)
        return self.checkpoint

    @property
    def model_dir(self) -> Path:
        """A folder for what is worth keeping of this trial: the trained network.

        It stays when the trial is among the best ``keep_best`` of [checkpoints], and is removed
        otherwise. A further attempt finds there what the newest earlier one left.
        """
        take_over(self.model)
        return self.model

    @property
    def should_stop(self) -> bool:
        """Whether the core has to end soon: write a checkpoint and return anything."""
        return self.asked_to_stop()

    @property
    def should_prune(self) -> bool:
        """Whether [pruning] has ended the trial: return what it has come to so far, or anything."""
        return bool(self.why_prune())

    def report(self, step: int, **metrics: float) -> None:
        """Add a point to the learning curve: `step` counts up (epochs, say), values are numbers.

        Raises TrialPruned when the trial is not worth going on, by the rule in [pruning], and
        TrialStopped when the core has to end.
        """
        values = {name: as_number(value, name) for name, value in metrics.items()}
        self.steps += 1
        self.send_report(int(step), values)
        if why := self.why_prune():
            raise TrialPruned(why)
        if self.asked_to_stop():
            raise TrialStopped


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial came to: the `loss` that is minimised, and all `metrics`."""

    loss: float
    metrics: dict[str, Any]
    left_out: tuple[str, ...] = ()


class BadResult(Exception):
    """A return value that is no result; `cause` as in the history."""

    def __init__(self, cause: str, text: str) -> None:
        self.cause = cause
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Objective:
    """A loaded objective; `file` is the source that was loaded."""

    function: Callable[..., Any]
    file: Path | None

    def __call__(self, point: Mapping[str, Any], fixed: Mapping[str, Any], trial: Trial) -> Any:
        """Train once and return what the function returns."""
        args, kwargs = bind(self.function, point, fixed, trial)
        return self.function(*args, **kwargs)


def split_spec(spec: str) -> tuple[str, str]:
    """Split "package.module:function" or "path/to/file.py:function" at its colon."""
    module, colon, name = spec.rpartition(":")
    if not (colon and module and name.isidentifier()):
        raise ObjectiveError(
            f'objective = "{spec}" names no function. Write "package.module:function" or '
            f'"path/to/file.py:function"'
        )
    return module, name


def load(spec: str, folder: Path) -> Objective:
    """Import the objective; `folder` is put first on the import path.

    Raises ObjectiveError when there is no such module or function. What the module itself raises
    while it is imported comes through as it is.
    """
    module_name, name = split_spec(spec)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    module = _load_file(folder / module_name) if _is_file(module_name) else _import(module_name)
    function = getattr(module, name, None)
    if not callable(function):
        known = [n for n, v in vars(module).items() if inspect.isfunction(v) and n[0] != "_"]
        raise ObjectiveError(
            f'objective = "{spec}": {module_name} has no function {name}'
            + (f"; it has {', '.join(known[:8])}" if known else "")
        )
    source = inspect.getsourcefile(module)
    return Objective(function, Path(source) if source else None)


def _is_file(module: str) -> bool:
    return module.endswith(".py") or os.sep in module


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise ObjectiveError(
                f'objective: there is no module "{name}" here. Looked in {sys.path[0]} and in the '
                f"packages of {sys.executable}"
            ) from error
        raise


def _load_file(path: Path) -> ModuleType:
    path = path.resolve()
    if not path.is_file():
        raise ObjectiveError(f"objective: there is no file {path}")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))  # so that it finds the files beside it
    # A name of its own: "fcn.py" must not hide, or be hidden by, an installed "fcn".
    name = f"trialdeck_objective_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ObjectiveError(f"objective: {path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes defined in it can then be found by their module
    spec.loader.exec_module(module)
    return module


def bind(
    function: Callable[..., Any], point: Mapping[str, Any], fixed: Mapping[str, Any], trial: Trial
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments for one call.

    First parameter named `params`: one dict of fixed and suggested values, and the trial if there
    is a second parameter. Otherwise everything by name; `trial` gets the trial and `Parameters`
    the fixed values. Raises ObjectiveError for parameters that would get no value, and for
    suggested values that the function does not take.
    """
    parameters = inspect.signature(function).parameters
    names = list(parameters)
    everything = {**fixed, **point}
    if names and names[0] == "params":
        return ([everything, trial] if len(names) > 1 else [everything]), {}
    offered = {"Parameters": dict(fixed), "trial": trial, **everything}
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    by_name = [n for n, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    missing = [
        n for n in by_name if n not in offered and parameters[n].default is inspect.Parameter.empty
    ]
    unused = [n for n in point if n not in by_name and not takes_any]
    if missing or unused:
        raise ObjectiveError(_mismatch(function, missing, unused))
    positional = [n for n in by_name if parameters[n].kind is parameters[n].POSITIONAL_ONLY]
    given = {n: offered[n] for n in by_name if n in offered and n not in positional}
    return [offered[n] for n in positional], ({**everything, **given} if takes_any else given)


def takes_trial(function: Callable[..., Any]) -> bool:
    """Whether a call of an objective gives it its trial."""
    parameters = inspect.signature(function).parameters
    names = list(parameters)
    if names and names[0] == "params":
        return len(names) > 1
    return "trial" in names or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _mismatch(function: Callable[..., Any], missing: list[str], unused: list[str]) -> str:
    name = getattr(function, "__name__", "objective")
    parts = []
    if missing:
        parts.append(
            f"{name}() takes {', '.join(missing)}, which neither [space] nor [fixed] gives"
        )
    if unused:
        parts.append(f"[space] gives {', '.join(unused)}, which {name}() does not take")
    return "; ".join(parts)


def as_number(value: Any, name: str) -> float:
    """Return a number as a float: also of numpy scalars and tensors of one element.

    Raises BadResult for anything else, bool included.
    """
    if hasattr(value, "item") and not isinstance(value, (int, float)):
        try:
            value = value.item()
        except (ValueError, RuntimeError, TypeError) as error:
            raise BadResult("error", f"{name} is an array of several values: {error}") from error
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadResult("error", f"{name} is {_show(value)}, not a number")
    try:
        return float(value)
    except OverflowError:
        raise BadResult("not_finite", f"{name} is too large for a float") from None


def read_result(value: Any, metric: str, *, maximize: bool) -> Result:
    """Turn what an objective returned into a Result.

    `metric` names the value of a returned dict that is optimised ("": the number itself, or
    "loss"). Raises BadResult, which says what is wrong with it.
    """
    name = metric or "loss"
    if not isinstance(value, dict):
        if value is None:
            raise BadResult("error", "the objective returned None; it must return a number or dict")
        value = {name: value}
    if value.get("status", "ok") not in ("ok", "new"):
        raise BadResult("error", f"the objective returned status {value['status']!r}")
    if name not in value:
        known = ", ".join(str(k) for k in value) or "nothing"
        raise BadResult("error", f'the objective returned no "{name}"; it returned {known}')
    number = as_number(value[name], name)
    if not math.isfinite(number):
        raise BadResult("not_finite", f"{name} is {number}")
    metrics, left_out = _metrics(value)
    return Result(-number if maximize else number, metrics, left_out)


def _metrics(value: dict[Any, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    kept: dict[str, Any] = {}
    left_out = []
    for key, item in value.items():
        if isinstance(item, (str, bool)):
            kept[str(key)] = item if isinstance(item, bool) else item[:1000]
            continue
        try:
            number = as_number(item, str(key))
        except BadResult:
            left_out.append(f"{key} ({type(item).__name__})")
            continue
        kept[str(key)] = int(number) if isinstance(item, int) and abs(item) < 2**53 else number
    kept.pop("status", None)
    return kept, tuple(left_out)


def _show(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a repr is the user's code and may raise anything
        text = f"an object whose repr raises {type(error).__name__}"
    return f"{text[:80]}{'…' if len(text) > 80 else ''} ({type(value).__name__})"
