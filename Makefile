.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# Another Python than the first suitable one: make run PYTHON=/path/to/python
PYTHON ?=
# So many processes share the tests, each with servers of its own
TEST_PROCESSES ?= 3

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP) ## Set everything up and run it on PORT (8000), sandbox on SANDBOX_PORT (8001)
	@exec $(BIN)/python -m portal.launch

test: lint browser ## Everything that CI runs: lint, types, all tests including the browser
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup --durations=20

lint: $(DEV_STAMP) ## ruff, mypy, djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates portal/sandbox/templates

format: $(DEV_STAMP) ## Format Python
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(DEV_STAMP) ## Install Chromium and fonts where they are missing
	@tools/chromium.sh

screenshots: $(DEV_STAMP) browser ## Pictures of a lively demo, wide and narrow, to var/screenshots
	$(BIN)/python -m tools.screenshots

lighthouse: $(DEV_STAMP) browser ## Lighthouse on twelve pages (needs npm), to docs/lighthouse.md; fails below 98
	@command -v npm >/dev/null || { echo "Lighthouse needs Node.js 18 or later with npm." >&2; exit 1; }
	$(BIN)/python -m tools.lighthouse

prism: $(DEV_STAMP) ## Prism between the portal and AutoScout24 Schweiz (needs npm and its document), to docs/prism.md
	@command -v npm >/dev/null || { echo "Prism needs Node.js 18.20 or later with npm." >&2; exit 1; }
	$(BIN)/python -m tools.prism

chaos: $(DEV_STAMP) ## Crashes and faults in full (about an hour), figures to docs/reliability.md
	$(BIN)/python -m tests.chaos

mutation: $(DEV_STAMP) ## Change the modules that decide; tests must notice (under 15 minutes), to docs/mutation.md
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m tools.mutation

audit: $(DEV_STAMP) ## bandit and pip-audit; findings are answered in docs/security.md
	$(BIN)/bandit --quiet --recursive portal config.py worker.py || true
	$(BIN)/pip-audit --progress-spinner off --strict --no-deps --disable-pip -r requirements.lock

bench: $(DEV_STAMP) ## Benchmarks, written to docs/benchmarks.md
	$(BIN)/python -m bench

migration: $(DEV_STAMP) ## Generate a revision from the models: make migration MESSAGE="Add something"
	@scratch=$$(mktemp -d) && chmod 755 $$scratch && trap 'rm -rf $$scratch' EXIT && \
	export PORTAL_DATA_DIR=$$scratch DATABASE_URL= && \
	$(BIN)/flask --app portal db upgrade && $(BIN)/flask --app portal db migrate -m "$(MESSAGE)"

messages: $(DEV_STAMP) ## Collect the texts for the English catalogue and compile it
	@tools/messages.sh $(BIN)/python

lock: $(DEV_STAMP) ## Write requirements.lock from what is installed (on Debian 12's Python 3.11.2)
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools > requirements.lock
	@touch $(STAMP) $(DEV_STAMP)

clean: ## Remove the virtual environment and caches (var/ with the data stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml requirements.lock tools/install.sh
	@tools/install.sh "$(PYTHON)" $(VENV) '.[embedded,sandbox]'
	@touch $@

$(DEV_STAMP): $(STAMP)
	@tools/install.sh "$(PYTHON)" $(VENV) '.[dev,embedded,sandbox]'
	@touch $@

.PHONY: help run test lint format browser screenshots lighthouse prism chaos mutation audit bench migration messages lock clean
