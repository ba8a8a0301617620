# The only entry points a person needs. `make help` lists them.

PORT ?= 8000
PYTEST_ARGS ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Some tests wait for a browser or for each other: one worker more than there are processors.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
LOCKED := $(VENV)/locked.stamp
SERVED := $(VENV)/served.stamp

export FLASK_APP := app.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_NO_PROGRESS := 1
# What Python has compiled is kept, in one place: without it each worker takes ten seconds to start.
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/bytecode
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test quick test-full coverage coverage-rules faults mutants fuzz check check-style check-types bytecode scripts audit docs pictures format lock bench bench-million bench-people clean

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
	PYTHONNODEBUGRANGES=1 exec $(BIN)/gunicorn -k hwadmin.web.http.gunicorn_worker.WebWorker --workers 2 --preload --no-control-socket \
		--max-requests 2000 --max-requests-jitter 200 --bind 127.0.0.1:$(PORT) app:app

PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

test: $(DEV) ## Run the tests (one file: make test PYTEST_ARGS=tests/pure/identifiers/test_mac.py)
	$(PYTEST) -m "not full" $(PYTEST_ARGS)

quick: $(DEV) ## Run the rules, the main pages and a part of the operations, in less than a minute
	$(PYTEST) -m "not full and not slow" --sample 6 tests/test_smoke.py tests/pure tests/operations $(PYTEST_ARGS)

test-full: $(DEV) ## Run everything on both databases, the long races, properties and fuzz tests included
	HWADMIN_TEST_FULL=1 $(PYTEST) -m "full or not full" $(PYTEST_ARGS)

coverage: $(DEV) ## Measure which branches the tests of one process take
	$(BIN)/coverage erase
	$(BIN)/coverage run --parallel-mode -m pytest -q -n 0 -m "not full and not slow" \
		--ignore=tests/browser --ignore=tests/guards --ignore=tests/races $(PYTEST_ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing --fail-under=0

# Of the rules alone, so that each change can be measured. Its data lie beside those of make coverage.
coverage-rules: export COVERAGE_FILE := .coverage-rules
coverage-rules: $(DEV) ## Measure which branches of the rules their own tests take; fails below the floor in pyproject.toml
	$(BIN)/coverage run --source=hwadmin/domain,hwadmin/identifiers -m pytest -q -n 0 -m "not full" \
		-p no:cacheprovider --noconftest --durations=3 tests/pure \
		--ignore=tests/pure/list_import --ignore=tests/pure/rendering
	$(BIN)/coverage report --skip-covered --show-missing

faults: $(DEV) ## Kill processes and break the database under load, on both databases, for long (root may fill disks)
	HWADMIN_TEST_FULL=1 $(BIN)/python -m pytest -q -n 0 -m "full or not full" tests/faults tests/attacks \
		tests/operations/test_clock_jumps.py $(PYTEST_ARGS)

mutants: $(DEV) ## Change the rules a little, 300 times, and list the changes no test notices
	$(BIN)/python -m tests.mutants $(MUTANTS_ARGS)

fuzz: $(DEV) ## Try every call of the API with thousands of made-up requests, on both databases
	HWADMIN_TEST_FULL=1 $(PYTEST) -m "full or not full" tests/api/test_fuzz.py $(PYTEST_ARGS)

check: check-style check-types ## Check style, types, the direction of imports, security and the locks

# Two halves of about the same length, for two processors: make -j2 check
check-style: $(DEV) $(LOCKED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	@# Our asserts state what the type checker must know; none guards anything.
	$(BIN)/bandit -q -r hwadmin --skip B101
	$(BIN)/djlint templates --lint --quiet
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory scripts; \
	elif [ -n "$$REQUIRE_NODE" ]; then echo "Node is missing: the scripts cannot be checked." >&2; exit 1; \
	else echo "Scripts and style sheets are not checked: that needs node and npm."; fi

check-types: $(DEV)
	$(BIN)/mypy

bytecode: $(DEV) ## Compile everything the tests need, which each of their workers does otherwise
	$(BIN)/python -m pytest -qq --collect-only -m "full or not full" >/dev/null

scripts: node_modules/.package-lock.json ## Check types and style of scripts and style sheets and test them (needs Node)
	npx --no-install tsc
	npx --no-install biome lint --error-on-warnings
	npx --no-install biome format
	node --test tests/scripts/*.test.js

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund --silent
	@touch $@

audit: $(DEV) ## Look up known weaknesses of what is locked; says so where nothing can be looked up
	@.ci/audit $(BIN)/pip-audit requirements.txt requirements-dev.txt

docs: $(DEV) ## Write the tables of the documentation that the code knows
	$(BIN)/python -m tests.guards.doc_tables

pictures: $(DEV) ## Take the pictures of the documentation, from the demo (needs Chromium)
	$(BIN)/python -m tests.pictures

format: $(DEV) ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -x node_modules/.bin/biome ]; then npx --no-install biome format --write; fi

bench: $(DEV) ## Measure the work of docs/benchmark.md on both databases, 10,000 and 100,000 orders
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.lists
	$(BIN)/python -m tests.bench.synchronization

bench-million: $(DEV) ## The same at a million orders, against 10,000
	$(BIN)/python -m tests.bench --orders 10000 1000000

bench-people: $(DEV) $(SERVED) ## Let fifty people work at once on a PostgreSQL of 100,000 orders, for two minutes
	BENCH_PYTHON=$(CURDIR)/$(VENV)/served/bin/python $(BIN)/python -m tests.bench.people

clean: ## Remove the virtual environment and caches; the data in instance/ stays
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- The virtual environment: made once, brought up to date when a lock changes

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# In one rule, waited for by all who use it: two at once write over each other. Where uv cannot be had, pip does.
$(UV): | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv || true

# Every file is checked against its hash. uv is quick; pip does the same slowly.
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install --quiet --require-hashes -r $(1)

# The product runs from this folder; the command is a script that finds it.
$(BIN)/hwadmin: | $(BIN)/python
	ln -sf ../../bin/hwadmin $@

$(RUNTIME): requirements.txt | $(BIN)/python $(BIN)/hwadmin $(UV)
	$(call INSTALL,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(BIN)/python $(BIN)/hwadmin $(UV)
	$(call INSTALL,requirements-dev.txt)
	@touch $(RUNTIME) $@

# What is deployed has these packages alone; the development tools take memory in each worker.
$(SERVED): requirements.txt | $(BIN)/python $(UV)
	$(BIN)/python -m venv $(VENV)/served
	$(UV) pip install --quiet --python $(VENV)/served/bin/python --require-hashes -r requirements.txt
	@touch $@

# ---- The locks: one answer for every platform, with hashes, naming no registry

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --no-strip-extras pyproject.toml

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
