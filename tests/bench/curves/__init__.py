"""Learning curves to search over: of the default network, measured once, and made-up ones."""
