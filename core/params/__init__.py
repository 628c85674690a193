"""params.toml: reading it, every message about a wrong one, writing it, and its revisions."""
