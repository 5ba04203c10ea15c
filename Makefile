# Needs Python 3.11 to 3.13, make, and a package index that pip can reach; nothing else. `make` alone lists the commands.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo airflow test check bench docs lock clean
.DELETE_ON_ERROR:

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## messy sources in, golden record out: the whole pipeline on made-up people, about a minute
	@$(BIN)/lastro demo

airflow: $(VENV)/.runtime ## start Airflow on this machine, with the daily DAG ready to trigger; Ctrl-C stops it
	@$(BIN)/python -m dags.standalone

test: $(VENV)/.dev ## run every test
	@$(BIN)/python -m pytest $(PARALLEL)

check: $(VENV)/.dev ## lint, format, types, layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure speed and quality against other tools
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.runtime ## write docs/reference anew from the code
	@$(BIN)/python -m pipelines.handbook

lock: $(VENV)/.uv ## choose library versions anew and write both lock files
	@echo "Choosing versions (about half a minute) ..."
	@$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the environment, the demo's home and every cache
	@rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
	  { echo "Lastro needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is not one; say which: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Making the environment in $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.uv
	@echo "Installing the libraries, 1.2 GB with Airflow (once; about a minute) ..."
	@$(INSTALL) --require-hashes --compile-bytecode -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the tools for tests and checks (once; some seconds) ..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
