"""A pool: the cores of one machine or job, and the one process there that writes."""
