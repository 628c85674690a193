"""``python -m tests.bench [NAME …]``: run the measurements of these names, or all."""

import importlib
import sys
from pathlib import Path


def main() -> None:
    known = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))
    chosen = sys.argv[1:] or known
    if unknown := set(chosen) - set(known):
        sys.exit(f"no such measurement: {', '.join(sorted(unknown))}; there is {', '.join(known)}")
    sys.argv[1:] = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main()
