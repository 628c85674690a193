# Both commands need only Python 3.11+, make and the package registries.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS  := $(VENV)/.peers

.PHONY: run test check format bench soak pictures clean
.DELETE_ON_ERROR:

run: $(READY)           ## search the default network on the shipped data, in the terminal
	$(BIN)/trialdeck run --ui $(ARGS)

# Most tests wait for processes: three run at a time. Files stay together, for what they share.
test: $(READY) .tools   ## all tests; one of them: make test ARGS='-k name'
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: $(READY) .types  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) $(PEERS)  ## measurements against peers
	$(BIN)/python -m tests.bench $(ARGS)

soak: $(READY) $(PEERS) .tools  ## long runs: kills, thousands of trials
	$(BIN)/python -m pytest -m soak -rP tests/soak $(ARGS)

# Terminals and a Slurm for the tests: installed where that is allowed (as root on Debian).
.PHONY: .tools
.tools:
	@sh tests/services/tools.sh

# mypy finds the packages under their import names through these links.
.types:
	mkdir -p .types/trialdeck
	ln -sfn ../../core .types/trialdeck/core
	ln -sfn ../../backends .types/trialdeck/backends
	ln -sfn ../../tui .types/trialdeck/tui

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Trialdeck needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(PEERS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	touch $@

clean:
	rm -rf $(VENV) .types build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

pictures: $(READY)      ## the pictures of the documentation, from the real program
	$(BIN)/python docs/pictures.py
