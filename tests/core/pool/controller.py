"""Somebody who steers a search: ``controller PARAMS SEED`` gives every command, in any order.

Prints which trials it has queued again. A command that is refused says so; nothing else may raise.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.searches import start


def main(params: Path, seed: int) -> None:
    rng = random.Random(seed)
    search = start(params)
    queued: list[int] = []
    launched: list[str] = []

    def resize() -> None:
        search.snapshot()
        for pool in search.launcher.pools():
            search.resize(pool.id, rng.randint(1, 2))

    commands = [
        lambda: start(params, overrides={"search.max_trials": rng.randint(12, 16)}),
        lambda: launched.append(search.launch("local", 1).name),
        lambda: search.pause("for a while"),
        search.resume,
        resize,
        lambda: queued.extend(search.retry([0, 1])),
    ]
    refused = []
    for command in rng.sample(commands * 3, 3 * len(commands)):
        try:
            command()
        except TrialdeckError as error:
            refused.append(str(error))
    print(json.dumps({"queued": queued, "launched": launched, "refused": refused}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
