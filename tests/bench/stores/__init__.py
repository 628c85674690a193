"""The histories that are compared: ours and those of others, each used as its documents advise.

``python -m tests.bench.stores KIND FOLDER SECONDS`` is one of several processes that run trials
that take no time, with random suggestions, ten dimensions, and every record synced to the disk.
"""
