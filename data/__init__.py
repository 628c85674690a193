"""The sample of jets that comes with Trialdeck; NOTE.md says what it is."""
