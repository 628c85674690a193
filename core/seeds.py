"""Seeds, the same on every machine."""

from __future__ import annotations

import hashlib

from trialdeck.core.stages import CONFIRMING, seed_number, stage_of


def seed_for(search_seed: int, *words: object) -> int:
    """Return a seed below 2**31 for one purpose of one search."""
    text = repr((search_seed, *words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") >> 1


def seed_of(search_seed: int, tid: int) -> int:
    """Return the seed of a trial; points that are confirmed all get the same few."""
    if stage_of(tid) == CONFIRMING:
        return seed_for(search_seed, "confirm", seed_number(tid))
    return seed_for(search_seed, "trial", tid)
