# The only entry points a person needs. `make help` lists them.

PORT ?= 8000
PYTEST_ARGS ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= auto

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
LOCKED := $(VENV)/locked.stamp

export FLASK_APP := app.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-full fuzz check format lock bench bench-million clean

help: ## List what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' \
		| while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: $(RUNTIME) ## Serve the product on http://127.0.0.1:8000 (another port: make run PORT=8010)
	$(BIN)/flask db upgrade
	$(BIN)/flask demo load --if-empty
	@echo "hwadmin listens on http://127.0.0.1:$(PORT)"
	@# Mail and webhooks leave beside the server; without it, that process ends by itself.
	@export HWADMIN_BASE_URL=$${HWADMIN_BASE_URL:-http://127.0.0.1:$(PORT)}; \
	$(BIN)/flask outbox run --with-parent & \
	exec $(BIN)/gunicorn -k sync --workers 2 --preload --no-control-socket --max-requests 2000 \
		--max-requests-jitter 200 --bind 127.0.0.1:$(PORT) app:app

test: $(DEV) ## Run the tests (one file: make test PYTEST_ARGS=tests/pure/test_mac.py)
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "not full" $(PYTEST_ARGS)

test-full: $(DEV) ## Run everything, the long races and fuzz tests included
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "full or not full" $(PYTEST_ARGS)

fuzz: $(DEV) ## Try every call of the API with thousands of made-up requests, on both databases
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/api/test_fuzz.py $(PYTEST_ARGS)

check: $(DEV) $(LOCKED) ## Check style, types, the direction of imports, security and the locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@# Our asserts state what the type checker must know; none guards anything.
	$(BIN)/bandit -q -r hwadmin --skip B101

format: $(DEV) ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV) ## Measure the work of docs/benchmark.md on both databases, 10,000 and 100,000 orders
	$(BIN)/python -m tests.bench

bench-million: $(DEV) ## The same at a million orders, against 10,000
	$(BIN)/python -m tests.bench --orders 10000 1000000

clean: ## Remove the virtual environment and caches; the data in instance/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- The virtual environment: made once, brought up to date when a lock changes

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(UV): | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv

# Every file is checked against its hash. uv is quick; where it cannot be had, pip does the same slowly.
INSTALL = $(BIN)/python -m pip install --quiet uv && $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install --quiet --require-hashes -r $(1)

$(RUNTIME): requirements.txt | $(BIN)/python
	$(call INSTALL,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(BIN)/python
	$(call INSTALL,requirements-dev.txt)
	@touch $(RUNTIME) $@

# ---- The locks: one answer for every platform, with hashes, naming no registry

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate pyproject.toml

lock: $(UV) ## Bring the locks up to date with pyproject.toml (newer versions: make lock UPGRADE=--upgrade)
	$(COMPILE) $(UPGRADE) --output-file requirements.txt >/dev/null
	$(COMPILE) $(UPGRADE) --group dev --constraint requirements.txt --output-file requirements-dev.txt >/dev/null

# Compiled again from what is locked, nothing may change.
$(LOCKED): pyproject.toml requirements.txt requirements-dev.txt | $(UV)
	@set -e; again=$$(mktemp -d); trap 'rm -rf "$$again"' EXIT; \
	cp requirements.txt requirements-dev.txt "$$again"; \
	$(COMPILE) --output-file "$$again/requirements.txt" >/dev/null; \
	$(COMPILE) --group dev --constraint "$$again/requirements.txt" --output-file "$$again/requirements-dev.txt" >/dev/null; \
	diff requirements.txt "$$again/requirements.txt" && diff requirements-dev.txt "$$again/requirements-dev.txt" \
		|| { echo "The locks do not match pyproject.toml: run make lock and commit the result." >&2; exit 1; }
	@touch $@
