# Lotse on one machine. `make` without a target prints this manual.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.lotse-tools/bin/uv)
MEMBERS := shared services/intake services/matching services/coaching services/reporting deploy/local
INSTALLED := .venv/.lotse-installed
BIN := .venv/bin
SOURCES := shared/src services/*/src deploy/local/src

.PHONY: help setup demo up down test check bench drill-restore drill-kafka docs lock clean

help: ## This manual
	@echo "Lotse: runs labour-market integration networks and accounts for them, figure by figure."
	echo
	grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'
	echo
	echo "  .venv/bin/lotse --help lists all that the running platform can do."

setup: $(INSTALLED) ## Install everything into .venv and fetch the front-end files (done by the others when needed)

.lotse-tools/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lotse needs Python 3.11 or later: name one with PYTHON=...")'
	$(PYTHON) -m venv .lotse-tools
	.lotse-tools/bin/pip install --quiet --disable-pip-version-check uv

$(INSTALLED): requirements.lock pyproject.toml package-lock.json $(addsuffix /pyproject.toml,$(MEMBERS)) | $(UV)
	@echo "Installing Lotse into .venv ..."
	test -x .venv/bin/python || $(UV) venv --quiet --python '>=3.11' .venv
	$(UV) pip sync --quiet --require-hashes requirements.lock
	$(UV) pip install --quiet --no-deps $(addprefix -e ,$(MEMBERS))
	$(BIN)/python -m lotse_local.frontend
	touch $@

demo: setup ## Start everything, play the MEHRLiN network through the public interfaces, print the funder report
	@$(BIN)/lotse demo

up: setup ## Start Kafka, PostgreSQL and the four services; data are kept between runs
	@$(BIN)/lotse up

down: ## Stop all that `up` or `demo` started
	@$(BIN)/lotse down

test: setup ## All tests, on a real Kafka, a real PostgreSQL and a real browser that they start themselves
	@$(BIN)/python -m pytest -m "not bench"

check: setup ## Format, lint, types, import rules, generated files: what a commit must pass
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/lotse contracts check

bench: setup ## Measure speed, as ratios within one run; writes docs/performance.md
	@$(BIN)/python -m pytest -m bench -s tests/performance

drill-restore: setup ## On a platform of its own: the database is lost and restored from a backup, nothing else is
	@$(BIN)/python -m pytest tests/journeys/test_drills.py -k database_is_lost

drill-kafka: setup ## On a platform of its own: Kafka is lost and written anew from the outboxes
	@$(BIN)/python -m pytest tests/journeys/test_drills.py -k kafka_is_lost

docs: setup ## Write the generated documentation anew
	@$(BIN)/lotse contracts generate

lock: | $(UV) ## Resolve all dependencies anew into requirements.lock (versions and hashes, no addresses)
	@$(UV) lock --quiet
	$(UV) export --quiet --frozen --all-packages --all-groups --no-emit-workspace --no-header > requirements.lock

clean: ## Remove what was installed; the data in .lotse stay (`lotse reset` removes them)
	@rm -rf .venv .lotse-tools node_modules
