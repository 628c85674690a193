"""The histories that are compared: ours and those of others, each used as its documents advise.

``python -m tests.bench.stores KIND FOLDER SECONDS PROCESSES`` is one of those that run trials
which take no time, with random suggestions, ten dimensions, and every record synced to the disk.
"""
