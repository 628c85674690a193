"""The history of a search: a folder of append-only files, and what they say together."""
