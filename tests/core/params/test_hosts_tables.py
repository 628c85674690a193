"""Machines in the text of a parameter file, written in any way that TOML has."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from trialdeck.core.params.edits import line_of, renamed, set_value

BEFORE = """\
# mine
[search]
name = "t"

"""
AFTER = """\

# the end
[cores]
count = 2
"""
HEADERS = """\
[backends.ssh]
host = "a"  # usually

[backends.ssh.hosts.a]  # the fast one
address = "me@a"
cores = 2
# its own
[backends.ssh.hosts.a.fixed]
data = "/data"
[backends.ssh.hosts."b.x"]
"""
BRACES = """\
[backends.ssh]
host = "a"  # usually
hosts.a = { address = "me@a", cores = 2, fixed = { data = "/data" } }  # the fast one
hosts."b.x" = {}
"""
INLINE = """\
[backends.ssh.hosts]
a = { address = "me@a", cores = 2, fixed = { data = "/data" } }  # the fast one
"b.x" = {}
[backends.ssh]
host = "a"  # usually
"""
TEXTS = pytest.mark.parametrize("text", [HEADERS, BRACES, INLINE], ids=["headers", "dots", "lines"])


def hosts(text: str) -> dict[str, Any]:
    return tomllib.loads(text)["backends"]["ssh"]["hosts"]


def edited(text: str, key: str, value: Any) -> dict[str, Any]:
    whole = set_value(BEFORE + text + AFTER, key, value)
    assert whole.startswith(BEFORE)
    assert whole.endswith(AFTER) or AFTER.strip() in whole
    for comment in ("# usually", "# the fast one"):
        assert comment in whole
    return hosts(whole)


@TEXTS
def test_a_value_is_changed_added_and_taken_away(text: str) -> None:
    before = hosts(text)
    key = "backends.ssh.hosts.a.cores"
    assert edited(text, key, 4) == {**before, "a": {**before["a"], "cores": 4}}
    assert edited(text, f"{key[:-5]}port", 22) == {**before, "a": {**before["a"], "port": 22}}
    assert edited(text, key, None)["a"] == {"address": "me@a", "fixed": {"data": "/data"}}
    assert edited(text, "backends.ssh.hosts.a.fixed.data", "/x")["a"]["fixed"] == {"data": "/x"}
    assert edited(text, 'backends.ssh.hosts."b.x".cores', 3)["b.x"] == {"cores": 3}


@TEXTS
def test_a_machine_is_added_and_taken_away(text: str) -> None:
    before = hosts(text)
    assert edited(text, "backends.ssh.hosts.c.address", "c") == {**before, "c": {"address": "c"}}
    without = set_value(text, "backends.ssh.hosts.a", None)
    assert hosts(without) == {"b.x": {}}
    assert "# usually" in without
    assert hosts(set_value(text, 'backends.ssh.hosts."b.x"', None)) == {"a": before["a"]}


@TEXTS
def test_a_key_gets_another_name_in_its_place(text: str) -> None:
    changed, key = renamed(text, "backends.ssh.hosts.a.cores", "ahead")
    assert key == "backends.ssh.hosts.a.ahead"
    assert hosts(changed)["a"] == {"address": "me@a", "ahead": 2, "fixed": {"data": "/data"}}
    assert "# the fast one" in changed
    number = line_of(changed, key)
    assert number is not None
    assert "ahead" in changed.splitlines()[number - 1]
