"""Searches that people's own scripts run, with hyperopt's `fmin` and a `HistoryTrials`."""
