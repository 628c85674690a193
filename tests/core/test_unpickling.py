import math
import pickle
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime

import hyperopt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.pickles import TIME, as_trials, dangerous, documents_2020, fake_bson, older_spelling
from trialdeck.core import pickle_machine
from trialdeck.core.pickle_machine import MOST_WAITING, BadPickle, EndsEarly, Forbidden
from trialdeck.core.pickled_types import KNOWN, OPAQUE, Array, TrialsInstance, plain
from trialdeck.core.unpickling import unpickle

PROTOCOLS = range(6)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**1000), 2**1000)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=30)
)
keys = st.integers() | st.text() | st.booleans() | st.none()
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=30,
)


@given(values, st.sampled_from(PROTOCOLS))
@settings(max_examples=150, deadline=None)
def test_plain_data_comes_back(value, protocol):
    # bytes that are not short are not for us in protocols 0 to 2; these are short
    assert unpickle(pickle.dumps(value, protocol)).value == value


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_nonsense_is_bad_or_harmless(data):
    with suppress(BadPickle):
        unpickle(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_is_bad_or_harmless(data):
    pickled = bytearray(pickle.dumps(documents_2020(), data.draw(st.sampled_from(PROTOCOLS))))
    for _ in range(data.draw(st.integers(1, 3))):
        pickled[data.draw(st.integers(0, len(pickled) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadPickle):
        unpickle(bytes(pickled))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("spelling", [bytes, older_spelling])
def test_numpy_in_every_spelling(protocol, spelling):
    scalars = [
        np.float64(1.5),
        np.float32(-0.25),
        np.float16(2),
        np.int64(-(2**60)),
        np.int32(7),
        np.uint8(255),
        np.bool_(True),
        np.float64("nan"),
        np.dtype(">f8").type(3).astype(">f8"),
        np.str_("gelu"),
    ]
    data = spelling(pickle.dumps([*scalars, np.array(0.5), np.array([9])], protocol))
    got = [plain(value) for value in unpickle(data).value]
    assert got[:7] == [1.5, -0.25, 2.0, -(2**60), 7, 255, True]
    assert math.isnan(got[7])
    assert got[8:] == [3.0, "gelu", 0.5, 9]
    assert all(type(value) in (int, float, bool, str) for value in got)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_no_number_is_opaque(protocol):
    things = [np.array([1.0, 2.0]), np.longdouble(1), np.array([None]), np.complex128(1)]
    got = unpickle(pickle.dumps(things, protocol)).value
    assert [plain(value) for value in got] == [OPAQUE] * 4
    assert type(got[2]) is Array


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_classes_of_the_standard_library_and_of_pymongo(protocol, monkeypatch):
    son, object_id, int64 = fake_bson(monkeypatch)
    things = {"t": TIME, "s": {1, 2}, "d": son(a=1), "o": object_id(), "i": int64(5)}
    things |= {"utc": datetime(2020, 1, 2, 3, tzinfo=UTC), "e": b"", "b": b"\x00\xff"}
    got = unpickle(pickle.dumps(things, protocol)).value
    assert got["t"] == TIME.replace(tzinfo=UTC)
    assert got["utc"] == datetime(2020, 1, 2, 3, tzinfo=UTC)
    assert sorted(got["s"]) == [1, 2]
    assert (got["d"], got["o"], got["i"]) == ({"a": 1}, OPAQUE, 5)
    assert (got["e"], got["b"]) == (b"", b"\x00\xff")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_trials_of_hyperopt(protocol):
    trials = as_trials(documents_2020(), {"FMinIter_Domain": b"not ours" * 1000})
    value, size = unpickle(data := pickle.dumps(trials, protocol))
    assert size == len(data)
    assert type(value) is TrialsInstance
    assert sorted(value.attributes) == sorted(vars(trials))
    assert [d["tid"] for d in value.attributes["_dynamic_trials"]] == trials.tids
    assert value.attributes["_trials"][0] is value.attributes["_dynamic_trials"][0]


def test_what_python_2_wrote():
    data = (
        b"ccopy_reg\n_reconstructor\np0\n(chyperopt.base\nTrials\np1\nc__builtin__\nobject\np2\n"
        b"Ntp3\nRp4\n(dp5\nS'_dynamic_trials'\np6\n(lp7\n(dp8\nS'tid'\np9\nI3\nsS'loss'\n"
        b"cnumpy.core.multiarray\nscalar\np10\n(cnumpy\ndtype\np11\n(S'f8'\np12\nI0\nI1\ntp13\n"
        b"Rp14\n(I3\nS'<'\np15\nNNNI-1\nI-1\nI0\ntp16\nbS'\\x00\\x00\\x00\\x00\\x00\\x00\\xe0?'\n"
        b"tRsS'time'\ncdatetime\ndatetime\np17\n(S'\\x07\\xe4\\x07\\x0e\\t\\x1e\\x0f\\x03\\xd0\\x90'\n"
        b"p18\ntRp19\nsS'many'\nL12345678901234567890L\nsS'name'\nVgr\\u00fcn\nsS'_ids'\n"
        b"c__builtin__\nset\n((lI3\natRsasb."
    )
    (document,) = unpickle(data).value.attributes["_dynamic_trials"]
    assert document == {
        "tid": 3,
        "loss": 0.5,
        "time": TIME.replace(tzinfo=UTC),
        "many": 12345678901234567890,
        "name": "grün",
        "_ids": [3],
    }


KINDS = sorted(dangerous(""))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_executed(kind, tmp_path):
    marker = tmp_path / "executed"
    data = dangerous(f"touch {marker}")[kind]
    with pytest.raises(Forbidden, match="it refers to "):
        unpickle(data)
    assert not marker.exists()
    pickle.loads(data)  # it is what it claims to be
    assert marker.exists()


def test_only_exact_names_are_known():
    assert ("hyperopt.base", "Trials") in KNOWN
    for module, name in (
        ("hyperopt.base", "Trials.fmin"),
        ("hyperopt.base", "logging"),
        ("hyperopt", "base.Trials"),
        ("numpy", "dtype.__class__"),
        ("numpy.core.multiarray", "scalar "),
        ("builtins", "getattr"),
        ("_codecs", "decode"),
    ):
        parts = b"".join(b"\x8c" + bytes([len(p)]) + p.encode() for p in (module, name))
        with pytest.raises(Forbidden, match="it refers to"):
            unpickle(b"\x80\x04" + parts + b"\x93.")
        with pytest.raises(Forbidden, match="it refers to"):
            unpickle(f"c{module}\n{name}\n.".encode())


TRIALS = b"chyperopt.base\nTrials\n)\x81"


@pytest.mark.parametrize(
    ("data", "text"),
    {
        "a name that is no text": (b"(K\x01t\x8c\x05dtype\x93.", "refers to <tuple>.dtype"),
        "an extension": (b"\x82\x01.", "a table of extensions"),
        "a persistent id": (b"P1\n.", "an object outside of it"),
        "a buffer": (b"\x97.", "a buffer outside of it"),
        "named arguments": (TRIALS[:-2] + b")}K\x01K\x02s\x92.", "named arguments"),
        "a state for a class": (b"cnumpy\ndtype\n}b.", "damaged at byte 15"),
        "slots": (TRIALS + b"N}K\x01K\x02s\x86b.", "damaged"),
        "a call of data": (b"]K\x01\x85R.", "damaged"),
        "a call of an instance": (TRIALS + b")R.", "damaged"),
        "items for an instance": (TRIALS + b"K\x01a.", "damaged"),
        "entries for a list": (b"]K\x01K\x02s.", "damaged"),
        "an unhashable key": (b"}]K\x02s.", "damaged"),
        "no such operation": (b"\xff.", r"byte 0 \(0xff\) is no operation"),
        "a later protocol": (b"\x80\x09N.", "protocol 9"),
        "an empty stack": (b"0.", "damaged"),
        "no mark": (b"t.", "damaged"),
        "nothing": (b".", "damaged"),
        "too much": (b"NN.", "damaged"),
        "an unknown memo": (b"h\x07.", "damaged"),
        "a length below 0": (b"T\xff\xff\xff\xffx.", "damaged"),
        "a date that is none": (b"cdatetime\ndatetime\nC\x0a" + bytes(10) + b"\x85R.", "damaged"),
        "an array without a state": (b"cnumpy\nndarray\n)R}b.", "damaged"),
    }.values(),
)
def test_what_is_not_right_is_bad(data, text):
    with pytest.raises(BadPickle, match=text):
        unpickle(data)


def test_a_state_cannot_add_methods():
    setstate = b"}\x8c\x0c__setstate__cnumpy.core.multiarray\nscalar\nsb"
    value = unpickle(TRIALS + setstate + b"}b.").value
    assert type(value) is TrialsInstance
    assert value.attributes == {}


@pytest.mark.parametrize(
    ("data", "text"),
    {
        "waiting lists": (b"]" * (MOST_WAITING + 2) + b".", "objects wait"),
        "waiting marks": (b"(" * (MOST_WAITING + 2) + b".", "objects wait"),
        "a long text": (b"\x8d" + (2**62).to_bytes(8, "little") + b"x.", "in the middle"),
        "a long number": (b"\x8b\xff\xff\xff\x7fx.", "in the middle"),
        "many digits": (b"I" + b"9" * 10_000 + b"\n.", "damaged"),
        "a deep key": (b"}" + b")" + b"\x85" * 200_000 + b"Ns.", "damaged"),
    }.values(),
)
def test_bombs_are_bad(data, text):
    with pytest.raises(BadPickle, match=text):
        unpickle(data)


@pytest.mark.parametrize(
    "data",
    {
        "deep lists": b"]" * 99_000 + b"a" * 98_999 + b".",
        "deep tuples": b")" + b"\x85" * 300_000 + b".",
        "doubling": b"]" + b"2\x86" * 100_000 + b".",
        "a high memo": b"]r\xff\xff\xff\xff.",
        "a long array": (
            b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(J\xff\xff\xff\x7ftC\x01btR."
        ),
        "a number of many bytes": b"\x8b\xa0\x86\x01\x00" + b"\x7f" * 100_000 + b".",
        "a list in itself": b"]2a.",
    }.values(),
)
def test_odd_things_are_read_and_forgotten_without_a_crash(data):
    unpickle(data)


def test_a_program_without_end_is_bad(monkeypatch):
    monkeypatch.setattr(pickle_machine, "MOST_STEPS", 1000)
    unpickle(b"N0" * 499 + b"N.")
    with pytest.raises(BadPickle, match="more than 1,000 steps"):
        unpickle(b"N0" * 500 + b"N.")


def test_every_truncation_is_noticed():
    data = pickle.dumps(as_trials(documents_2020()))
    for size in range(0, len(data), 7):
        with pytest.raises(EndsEarly):
            unpickle(data[:size])


def test_reading_needs_nothing_heavy(tmp_path):
    file = tmp_path / "Trials.p"
    file.write_bytes(pickle.dumps(as_trials(documents_2020())))
    code = (
        "import sys; from trialdeck.core.unpickling import unpickle;"
        f"assert unpickle(open({str(file)!r}, 'rb').read()).value.attributes;"
        "assert not {'numpy', 'hyperopt', 'pickle'} & set(sys.modules), set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_name_is_the_one_that_hyperopt_uses():
    assert (hyperopt.Trials.__module__, hyperopt.Trials.__qualname__) in KNOWN
