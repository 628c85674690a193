"""Searches over problems whose losses are known at once, by cores that are simulated."""
