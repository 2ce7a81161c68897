# Every target sets up what it needs; `make help` lists them.

PYTHON ?= python3
SITE ?= pipelines/sample
SIZE ?= 20000
RUNS ?= 3
WAREHOUSE ?=
PORT ?= 3000
# One more than there are cores: many a test waits for processes of its own.
WORKERS ?= $(shell expr `getconf _NPROCESSORS_ONLN` + 1)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.tools
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# Reach the commands as they were typed: neither make nor the shell reads what is in them.
override SITE := $(value SITE)
override WAREHOUSE := $(value WAREHOUSE)
export SITE WAREHOUSE
TO = $(if $(WAREHOUSE),--warehouse "$$WAREHOUSE")

.DEFAULT_GOAL := help
.PHONY: help run ui report test test-fast test-service ordeal check format docs lock bench parity pages links clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# The tools of developers come on top, when a target first needs them.
$(TOOLS): $(READY) requirements-dev.lock
	$(PIP) --require-hashes --requirement requirements.lock --requirement requirements-dev.lock
	@touch $@

run: $(READY)  ## Build a site's warehouse: make run SITE=… WAREHOUSE=…; the bundled sample without
	@$(BIN)/backfile build $(TO) -- "$$SITE"

ui: $(READY)  ## Start Dagster's UI and daemon for it: make ui SITE=… WAREHOUSE=… PORT=…
	@exec $(BIN)/backfile ui $(TO) --port $(PORT) -- "$$SITE"

report: $(READY)  ## Print where the static report is and open it: make report SITE=… WAREHOUSE=…; builds it first if there is none
	@$(BIN)/backfile report $(TO) --site "$$SITE" 2>/dev/null || { $(BIN)/backfile build $(TO) -- "$$SITE" && $(BIN)/backfile report $(TO) --site "$$SITE"; }

PYTEST = POLARS_MAX_THREADS=1 $(BIN)/pytest --dist loadfile --no-loadscope-reorder --max-worker-restart 0  # the workers are threads enough

test: $(TOOLS)  ## Run all tests
	@$(PYTEST) -n $(WORKERS)

test-fast: $(TOOLS)  ## Run the tests that take a minute together: no services, no whole builds
	@$(PYTEST) -n auto --tier fast

test-service: $(TOOLS)  ## Run the tests with a browser, nginx, PostgreSQL or a dask cluster
	@$(PYTEST) -n $(WORKERS) --tier service

ordeal: $(TOOLS)  ## Kill, fill, race, age: the guarantees in full, for hours. make ordeal ONLY=… SEED=… COUNT=…
	@$(BIN)/python -m tests.ordeal $(ONLY) $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

check: $(TOOLS)  ## Lint, format, strict types, the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_arrows.py

format: $(TOOLS)  ## Format the code
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

docs: $(TOOLS)  ## Write what is generated of docs/: the tables, and the cookbook's answers
	@$(BIN)/python -m tests.documents

bench: $(TOOLS)  ## Measure builds of an invented archive beside the floor and a plain loop: make bench SIZE=200000 RUNS=3
	@$(BIN)/python -m benchmarks $(SIZE) --runs $(RUNS)

parity: $(TOOLS)  ## Compare with Jekyll's own answers, field by field, on real sites (../shared, or SITE=… ANSWERS=…)
	@$(BIN)/python -m tests.parity $(if $(ANSWERS),"$$SITE" "$(ANSWERS)")

pages: $(TOOLS)  ## Compare texts, headings and code with kramdown's own rendering, on real sites (../shared)
	@$(BIN)/python -m tests.page_parity

links: $(TOOLS)  ## Compare links with kramdown's own rendering, on real sites (../shared)
	@$(BIN)/python -m tests.link_parity

RESOLVE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-annotate --upgrade
lock:  ## Resolve the dependencies anew into requirements.lock and requirements-dev.lock (needs uv)
	$(RESOLVE) pyproject.toml --extra postgres --group build --output-file requirements.lock
	$(RESOLVE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## Remove what was set up and cached; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
