# Every target sets up what it needs; `make help` lists them.

PYTHON ?= python3
SITE ?= sample
SIZE ?= 20000
RUNS ?= 3
WAREHOUSE ?=
PORT ?= 3000
# One more than there are cores: many a test waits for processes of its own.
WORKERS ?= $(shell expr `getconf _NPROCESSORS_ONLN` + 1)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
define REPORT
import sys
from pathlib import Path
from pipelines.settings import load
settings = load(site=Path(sys.argv[1]), warehouse=Path(sys.argv[2]) if sys.argv[2] else None)
print(settings.warehouse_folder / "report" / "index.html")
endef
export REPORT
# Reach the commands as they were typed: neither make nor the shell reads what is in them.
override SITE := $(value SITE)
override WAREHOUSE := $(value WAREHOUSE)
export SITE WAREHOUSE
TO = $(if $(WAREHOUSE),--warehouse "$$WAREHOUSE")

.DEFAULT_GOAL := help
.PHONY: help run ui report test ordeal check format docs lock bench parity pages links clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## Build a site's warehouse: make run SITE=… WAREHOUSE=…; the bundled sample without
	@$(BIN)/backfile build $(TO) -- "$$SITE"

ui: $(READY)  ## Start Dagster's UI and daemon for it: make ui SITE=… WAREHOUSE=… PORT=…
	@exec $(BIN)/backfile ui $(TO) --port $(PORT) -- "$$SITE"

report: $(READY)  ## Say where the static report is and open it: make report SITE=… WAREHOUSE=…; builds if there is none
	@page="$$($(BIN)/python -c "$$REPORT" "$$SITE" "$$WAREHOUSE" 2>/dev/null)"; \
	test -f "$$page" || $(BIN)/backfile build $(TO) -- "$$SITE" || exit $$?; \
	echo "$$page"; \
	if [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/python -m webbrowser -t "file://$$page" >/dev/null 2>&1 || true; \
	fi

test: $(READY)  ## Run the tests
	@POLARS_MAX_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0  # the workers are threads enough

ordeal: $(READY)  ## Kill, fill, race, age: the guarantees in full, for hours. make ordeal ONLY=… SEED=… COUNT=…
	@$(BIN)/python -m tests.ordeal $(ONLY) $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

check: $(READY)  ## Lint, format, strict types, the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_arrows.py

format: $(READY)  ## Format the code
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

docs: $(READY)  ## Write what is generated of docs/: the tables, and the cookbook's answers
	@$(BIN)/python -m tests.documents

bench: $(READY)  ## Measure builds of an invented archive beside the floor and a plain loop: make bench SIZE=200000 RUNS=3
	@$(BIN)/python -m benchmarks $(SIZE) --runs $(RUNS)

parity: $(READY)  ## Compare with Jekyll's own answers, field by field, on real sites (../shared, or SITE=… ANSWERS=…)
	@$(BIN)/python -m tests.parity $(if $(ANSWERS),"$$SITE" "$(ANSWERS)")

pages: $(READY)  ## Compare texts, headings and code with kramdown's own rendering, on real sites (../shared)
	@$(BIN)/python -m tests.page_parity

links: $(READY)  ## Compare links with kramdown's own rendering, on real sites (../shared)
	@$(BIN)/python -m tests.link_parity

lock:  ## Resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements.lock

clean:  ## Remove what was set up and cached; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
