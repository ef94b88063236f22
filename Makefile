# `make run` opens the app, `make test` runs every check; both set themselves up on a fresh clone.
CHECK_PYTHON := import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	"Python 3.11, 3.12 or 3.13 is needed (for 3.14 there is no tensorflow); found %d.%d. To choose: make PYTHON=python3.13" % v[:2])
# The newest that will do of those that are here; `make PYTHON=...` takes another.
PYTHON ?= $(or $(shell for python in python3.13 python3.12 python3.11; do \
	$$python -c '$(CHECK_PYTHON)' 2>/dev/null && echo $$python && break; done),python3)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Two workers take whole files or classes, in the order of tests/conftest.py: what is made for a file is made once.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: run test quick hostile lint lint-js types e2e artifacts results verify bench clean

run: $(VENV)/.run
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.test lint types verify
	$(PYTEST) -m "not e2e"
	$(PYTEST) -m e2e

quick: $(VENV)/.test
	$(PYTEST) -m "not e2e and not training and not slow and not process"

# The same on another Python, in an environment of its own: `make quick-3.13`.
quick-3.%:
	$(MAKE) quick PYTHON=python3.$* VENV=.venv-3.$*

# Thousands of spoilt files, records, models and addresses (about 20 minutes).
hostile: $(VENV)/.test
	$(BIN)/python -m tests.hostile --seed 0

e2e: $(VENV)/.test
	$(PYTEST) -m e2e

lint: $(VENV)/.test lint-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache

# JS and CSS of the components. Whoever has no Node leaves this to CI.
lint-js:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.installed && npm run --silent lint; \
	elif [ -n "$$CI" ]; then echo "CI needs Node 20 or newer to check JS and CSS."; exit 1; \
	else echo "Skipped: JS and CSS are checked where Node 20 or newer is installed."; fi

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --silent
	touch $@

types: $(VENV)/.test
	$(BIN)/mypy

artifacts: $(VENV)/.run
	$(BIN)/python -m recsys train main --dataset demo
	$(BIN)/python -m recsys train all --dataset ml-100k

# Every number of the Leaderboard's protocols again (about an hour on 2 cores).
results: $(VENV)/.run
	for protocol in holdout-time rate rate-90 top next,sampled ctr ctr-time naive-ae naive-gru naive-bpr naive-ctr naive-mf; do \
		$(BIN)/python -m recsys evaluate --dataset ml-100k --protocol $$protocol --record || exit 1; \
	done

verify: $(VENV)/.run
	$(BIN)/python -m recsys verify

bench: $(VENV)/.test
	$(BIN)/python -m recsys bench --json

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c '$(CHECK_PYTHON)'
	@echo "Using $(PYTHON), which is $$($(PYTHON) --version)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.txt requirements-app.txt requirements-train.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt requirements-tools.txt requirements-serve.txt requirements-dask.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@
