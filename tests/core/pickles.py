"""Trials.p files as hyperopt made them over the years, and others that nobody should open."""

from __future__ import annotations

import datetime
import os
import pickle
import struct
import sys
from types import ModuleType

import numpy as np

from tests.core.space_tables import space_of
from trialdeck.core.history.reader import History

# (nLayers, batch_size, learning_rate, Nodes), loss: what the 2020 scripts searched
POINTS_2020 = [
    ((4.0, 26.5, 0.00123, 128.0), 0.31),
    ((1.0, 1999.25, 0.5, 8.0), 0.27),
    ((5.0, 2.5, 0.0001, 256.0), 1.0),
]
LABELS_2020 = ("nLayers", "batch_size", "learning_rate", "Nodes")
VALS_2020 = dict(zip(LABELS_2020, POINTS_2020[0][0], strict=True))
TABLE_2020 = {
    "nLayers": {"type": "quniform", "low": 1, "high": 5, "q": 1},
    "batch_size": {"type": "loguniform", "low": 2, "high": 2000},
    "learning_rate": {"type": "loguniform", "low": 1e-4, "high": 1},
    "Nodes": {"type": "quniform", "low": 8, "high": 256, "q": 8},
}
SPACE_2020 = space_of(**TABLE_2020)
X = space_of(x={"type": "uniform", "low": 0, "high": 10})
TIME = datetime.datetime(2020, 7, 14, 9, 30, 15, 250_000)  # noqa: DTZ001 - as hyperopt does it


def document(tid, vals, result, *, state=2, wrap=np.float64, **misc):
    """One of hyperopt's documents; `vals` are by label, `wrap` makes each what it is there."""
    return {
        "state": state,
        "tid": tid,
        "spec": None,
        "result": result,
        "misc": {
            "tid": tid,
            "cmd": ("domain_attachment", "FMinIter_Domain"),
            "workdir": None,
            "idxs": {label: [tid] for label in vals},
            "vals": {label: [wrap(value)] for label, value in vals.items()},
            **misc,
        },
        "exp_key": None,
        "owner": None,
        "version": 0,
        "book_time": TIME,
        "refresh_time": TIME + datetime.timedelta(seconds=12.5),
    }


def documents_2020(**options):
    return [
        document(
            tid,
            dict(zip(LABELS_2020, point, strict=True)),
            {"loss": loss, "status": "ok"},
            **options,
        )
        for tid, (point, loss) in enumerate(POINTS_2020)
    ]


def one(result=None, tid=0, **options):
    """A document with x = 1 and a loss of 0.5, but for what is said."""
    return document(tid, {"x": 1.0}, {"loss": 0.5, "status": "ok"} | (result or {}), **options)


def write(file, documents, protocol=4):
    """Pickle Trials with these documents into `file`."""
    file.write_bytes(pickle.dumps(as_trials(documents), protocol))
    return file


def snapshot(paths):
    return History(paths).refresh()


def as_trials(documents, attachments=None):
    import hyperopt

    trials = hyperopt.Trials()
    trials._dynamic_trials.extend(documents)
    trials.attachments = attachments or {}
    trials.refresh()
    return trials


def older_spelling(pickled):
    """The pickle as numpy before 2 and hyperopt 0.2 wrote it."""
    old, new = b"numpy.core.multiarray", b"numpy._core.multiarray"
    assert new in pickled
    pickled = pickled.replace(b"c" + new, b"c" + old)
    short = b"\x8c" + bytes([len(new)]) + new
    if short in pickled:  # in one frame, which says its length
        assert pickled.count(short) == 1
        assert pickled[2:3] == b"\x95"
        (size,) = struct.unpack("<Q", pickled[3:11])
        pickled = pickled[:3] + struct.pack("<Q", size - 1) + pickled[11:]
        pickled = pickled.replace(short, b"\x8c" + bytes([len(old)]) + old)
    assert new not in pickled
    return pickled


def fake_bson(monkeypatch):
    """Modules with the classes of pymongo that hyperopt's documents may hold."""

    class SON(dict):
        pass

    class ObjectId:
        def __init__(self):
            self.id = b"0123456789ab"

    class Int64(int):
        pass

    for name, thing in (("son", SON), ("objectid", ObjectId), ("int64", Int64)):
        module = ModuleType(f"bson.{name}")
        thing.__module__, thing.__qualname__ = module.__name__, thing.__name__
        setattr(module, thing.__name__, thing)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "bson", ModuleType("bson"))
    return SON, ObjectId, Int64


class Runs:
    """Pickles as a call of os.system."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def _short(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def dangerous(command):
    """Pickles that execute `command` when Python's own pickle reads them, by their kind."""
    line = command.encode()
    run = b"cposix\nsystem\n"
    evaluated = f"__import__('os').system({command!r})"
    return {
        "reduce": pickle.dumps(Runs(command), 4),
        "protocol 0": pickle.dumps(Runs(command), 0),
        "in a list": pickle.dumps([1, {"a": (Runs(command),)}], 4),
        "as a loss": pickle.dumps(
            as_trials([document(0, {"x": 1.0}, {"loss": Runs(command), "status": "ok"})])
        ),
        "as an attachment": pickle.dumps(as_trials([], {"a": Runs(command)})),
        "eval": b"cbuiltins\neval\n" + _short(evaluated) + b"\x85R.",
        "getattr": (
            b"cbuiltins\ngetattr\ncposixpath\nos\n"
            + (_short("system") + b"\x86R" + _short(command) + b"\x85R.")
        ),
        "stack global": _short("os") + _short("system") + b"\x93" + _short(command) + b"\x85R.",
        "dotted name": (
            b"\x80\x04"
            + _short("hyperopt.base")
            + _short("logging.os.system")
            + b"\x93"
            + (_short(command) + b"\x85R.")
        ),
        "inst": b"(S'" + line + b"'\niposix\nsystem\n.",
        "obj": b"(" + run + _short(command) + b"o.",
        "build": (
            b"ccopyreg\n_reconstructor\n(chyperopt.base\nTrials\ncbuiltins\nobject\nNtR"
            b"}" + _short("__setstate__") + run + b"sb" + _short(command) + b"b."
        ),
    }
