"""The five views of the application."""
