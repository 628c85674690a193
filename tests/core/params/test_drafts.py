import pytest

from trialdeck.core.errors import DraftConflict
from trialdeck.core.params.drafts import (
    Base,
    Revision,
    digest,
    next_step,
    read_base,
    write_base,
)
from trialdeck.core.params.write import set_values

A, B, C = "[s]\nx = 1\n", "[s]\nx = 2\n", "[s]\nx = 3\n"
FLAGS = {"s.y": 9}
A9, B9, C9 = (text + "y = 9\n" for text in (A, B, C))


def base(revision, text):
    return Base(revision, digest(text))


# newest revision, base of the draft, draft, flags -> what is published (None: nothing), rebase
RULES = {
    "first": (None, None, A, {}, A, True),
    "first, with flags": (None, None, A, FLAGS, A9, True),
    "equal, no record": (Revision(3, A), None, A, {}, None, True),
    "equal, old record": (Revision(3, A), base(1, C), A, {}, None, True),
    "equal, with flags": (Revision(3, A), None, A, FLAGS, A9, True),
    "unchanged, newest is its base": (Revision(2, A9), base(2, A), A, {}, None, True),
    "unchanged, same flags again": (Revision(2, A9), base(2, A), A, FLAGS, None, True),
    "unchanged, other flags add up": (
        Revision(2, A9), base(2, A), A, {"s.z": 1}, A9 + "z = 1\n", True,
    ),
    "unchanged, others published": (Revision(5, B), base(2, A), A, {}, None, False),
    "unchanged, others published, flags": (Revision(5, B), base(2, A), A, FLAGS, B9, False),
    "changed, newest is its base": (Revision(2, A), base(2, A), B, {}, B, True),
    "changed, newest is its base, flags": (Revision(2, A), base(2, A), B, FLAGS, B9, True),
    "changed after flags": (Revision(2, A9), base(2, A), B, {}, B, True),
    "changed, others published": (Revision(5, C), base(2, A), B, {}, "refused", True),
    "changed, others published, flags": (Revision(5, C), base(2, A), B, FLAGS, "refused", True),
    "changed, others published the same": (Revision(5, B), base(2, A), B, {}, None, True),
    "changed, others published it with flags": (Revision(5, B9), base(2, A), B, FLAGS, None, True),
    "differs, no record": (Revision(1, A), None, B, {}, "refused", True),
    "differs, record of a later revision": (Revision(1, A), base(2, C), B, {}, "refused", True),
    "only comments changed": (Revision(1, A), None, "# hi\n" + A, {}, None, True),
    "only backends changed": (
        Revision(1, A), None, A + "[backends.local]\ncores = 1\n", {}, None, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_rules(name):
    newest, known, draft, flags, published, rebase = RULES[name]
    if published == "refused":
        with pytest.raises(DraftConflict):
            next_step(newest, known, draft, flags)
        return
    step = next_step(newest, known, draft, flags)
    assert (step.text, step.rebase) == (published, rebase)


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name][0]])
def test_force_publishes_the_draft_unless_it_is_the_newest(name):
    newest, known, draft, flags, _, _ = RULES[name]
    step = next_step(newest, known, draft, flags, force=True)
    wanted = set_values(draft, flags)
    assert step.rebase
    assert digest(step.text or newest.text) == digest(wanted)
    assert (step.text is None) == (digest(newest.text) == digest(wanted))


def test_the_refusal_shows_the_difference_and_both_ways_out():
    with pytest.raises(DraftConflict) as caught:
        next_step(Revision(5, C), base(2, A), B + "[backends.local]\n", {})
    text = str(caught.value)
    assert "made from revision 2, but the newest is revision 5" in text
    assert "\n--- revision 5, the newest\n+++ your draft\n" in text
    assert "\n-x = 3\n+x = 2\n" in text
    assert "backends" not in text
    assert "`trialdeck params --pull`" in text
    assert "`--force`" in text


def test_digest_sees_what_is_said_only():
    text = "[a]\nx = 1\ny = [1, 2]\n[b]\nz = 1.0\n"
    assert digest(text) == digest("# c\n[b]\r\nz=1.0\r\n[a]\r\ny=[1,2]\r\nx=1\r\n[backends]\r\n")
    others = [text.replace("1.0", "1"), text.replace("[1, 2]", "[2, 1]"), text + "n = nan\n"]
    assert len({digest(other) for other in [text, *others]}) == 4


def test_bases_are_kept_by_draft(tmp_path):
    one, other = tmp_path / "a" / "params.toml", tmp_path / "b.toml"
    write_base(tmp_path, one, Base(1, "x"))
    write_base(tmp_path, one, Base(2, "y"))
    write_base(tmp_path, other, Base(3, "z"))
    assert read_base(tmp_path, one) == Base(2, "y")
    assert read_base(tmp_path, tmp_path / "a" / ".." / "a" / "params.toml") == Base(2, "y")
    assert read_base(tmp_path, other) == Base(3, "z")
    assert read_base(tmp_path, tmp_path / "c.toml") is None
    assert len(list((tmp_path / ".base").iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"{", b'{"revision": "x", "draft": 3}', b"\xff"])
def test_a_damaged_base_is_none(tmp_path, damage):
    write_base(tmp_path, tmp_path / "p", Base(1, "x"))
    (file,) = (tmp_path / ".base").iterdir()
    file.write_bytes(damage)
    assert read_base(tmp_path, tmp_path / "p") is None
