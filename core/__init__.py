"""The engine: parameters, history, pools, suggestions. Headless."""
