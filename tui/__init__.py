"""The terminal: command line and application."""
