# Everything a person does with a clone. `make book` and `make test` are each enough by themselves.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
export SCRIVANO_HOME ?= $(CURDIR)/.scrivano

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

TEST_WORKERS ?= 2
BRIEF ?= examples/no-code-ai-tools.toml
OUT ?= out

.PHONY: help setup clients llama book studio screenshots test check serve bench format openapi lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Scrivano needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements/runtime.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/runtime.txt
	@$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.uv requirements/dev.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.dev  ## Install everything a developer needs into .venv

$(VENV)/.clients: requirements/clients.txt $(VENV)/.uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/clients
	@$(BIN)/uv pip install --quiet --python $(VENV)/clients --require-hashes -r requirements/clients.txt
	@touch $@

$(VENV)/.llama: requirements/llama.txt $(VENV)/.dev
	@$(BIN)/uv pip install --quiet --no-deps --require-hashes -r requirements/llama.txt
	@touch $@

clients: $(VENV)/.clients  ## Install the client libraries that the gateway is tested with, in an environment of their own
llama: $(VENV)/.llama  ## Install the in-process runtime of llama.cpp

book: $(VENV)/.runtime  ## Write the example book into out/ (BRIEF=… for another one)
	@$(BIN)/scrivano book write $(BRIEF) --out $(OUT)

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@cd web && npm ci --no-audit --no-fund --loglevel=error

src/scrivano/api/static/index.html: web/node_modules/.package-lock.json openapi.json $(shell find web/src web/public web/index.html web/vite.config.ts -type f -not -name schema.d.ts 2>/dev/null)
	@cd web && npm run --silent build

studio: src/scrivano/api/static/index.html  ## Build the web studio into the package (needs Node 20)

screenshots: $(VENV)/.dev studio  ## Pictures of every page into out/screenshots, the shown ones into docs/images
	@$(BIN)/python -m tests.web.screenshots

# Without Node the service starts all the same and says at `/` what is missing.
serve: $(VENV)/.runtime $(if $(shell command -v npm),studio)  ## Start the service with its worker on http://127.0.0.1:8020
	@$(BIN)/scrivano serve

test: $(VENV)/.dev $(if $(shell command -v npm),studio)  ## Run the whole test suite with coverage
	@$(BIN)/python -m tests.needs
	@if command -v npm >/dev/null; then cd web && npm run --silent test; fi
	@$(BIN)/python -m slipcover --source src/scrivano --json --out .coverage.json -m pytest -n $(TEST_WORKERS) --dist worksteal $(PYTEST_ARGS)
	@$(BIN)/python -m tests.coverage .coverage.json --least 85

check: $(VENV)/.dev $(if $(shell command -v npm),studio)  ## Style, types, the laws of the house, drift of openapi.json
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q -n 0 --no-header tests/unit/test_laws.py
	@if command -v npm >/dev/null; then cd web && npm run --silent check; fi
	@$(BIN)/scrivano openapi | diff -u openapi.json - || { echo "openapi.json has drifted; run: make openapi" >&2; exit 1; }

openapi: $(VENV)/.dev  ## Write openapi.json anew
	@$(BIN)/scrivano openapi > openapi.json

format: $(VENV)/.dev  ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .

bench: $(VENV)/.dev  ## Run every benchmark and print its figures
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.uv  ## Resolve the dependencies anew
	@for set in runtime dev; do \
	  case $$set in runtime) extra="";; dev) extra="--group dev";; esac; \
	  $(LOCK) $$extra pyproject.toml -o requirements/$$set.txt; done
	@echo xllamacpp==2026.10.11549 | $(LOCK) --no-deps - -o requirements/llama.txt
	@$(LOCK) requirements/clients.in -o requirements/clients.txt

clean:  ## Remove what was built (never the data folder)
	@rm -rf $(VENV) web/node_modules src/scrivano/api/static out .coverage* .pytest_cache .ruff_cache
