# Two commands for newcomers: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin

# Tests on SQLite must not be led elsewhere by what the caller's shell happens to export.
EMBEDDED := env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL -u CELERY_BROKER_URL
ARGS ?=
# Two processes, each with databases of its own; a file stays in one of them. ARGS="-n 0" is one process, for a debugger.
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder
PINNED := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help run reset test test-postgres test-browser walk test-drills mutants test-all requirements bench lint types imports check format docs messages lock assets venv venv-dev

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

venv:
	@bin/setup base

venv-dev:
	@bin/setup dev

run: venv ## set up and start everything with demo data on http://127.0.0.1:8000 (Ctrl-C stops it)
	@exec $(BIN)/python manage.py launch $(ARGS)

reset: ## forget the local database, keys and files of `make run`
	@bin/reset

test: venv-dev ## set up and run the suite on SQLite; ARGS="tests/kernel -k vault" narrows it
	@$(EMBEDDED) $(BIN)/python -m pytest $(IN_TWO) -m "not postgres and not heavy and not browser and not drill" $(ARGS)

test-postgres: venv-dev ## the suite on PostgreSQL and Redis (bin/postgresql-roles says what it needs)
	@bin/on-postgresql $(BIN)/python -m pytest $(IN_TWO) -m "not browser and not drill" $(ARGS)

test-browser: venv-dev ## the pages in a real Chromium
	@bin/system-packages browser npm
	@test -f node_modules/axe-core/axe.min.js || npm ci --ignore-scripts --no-audit --no-fund
	@$(EMBEDDED) $(BIN)/python -m pytest $(IN_TWO) -m browser $(ARGS)

walk: venv-dev ## walk the journey in Chromium and take the pictures of docs/screenshots again
	@bin/system-packages browser pdf poppler
	@$(EMBEDDED) $(BIN)/python -m tests.browser.pictures

test-drills: venv-dev ## servers of its own, hurt on purpose: kill -9, a database cut off, eight writers on one ledger
	@bin/on-postgresql $(BIN)/python -m pytest -m drill $(ARGS)

mutants: venv-dev ## fences between organisations and filters taken away one at a time: the proofs must notice each
	@bin/on-postgresql $(BIN)/python -m pytest -n 0 tests/isolation/mutants.py; layers=$$?; \
	bin/on-postgresql $(BIN)/python -m tests.isolation.mutants_filters $(ARGS) && exit $$layers

test-all: ## everything that .ci/run runs
	@bash .ci/run

requirements: venv-dev ## each requirement beside the tests that prove it, and those without one
	@$(EMBEDDED) $(BIN)/python -m pytest --requirements --collect-only -q $(ARGS)

bench: venv-dev ## the benchmarks, as ratios (docs/performance.md)
	@bin/on-postgresql $(BIN)/python -m bench $(ARGS)

lint: venv-dev ## ruff: format and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: venv-dev ## let ruff put the code in shape
	@$(BIN)/ruff check --fix --select I .
	@$(BIN)/ruff format .

imports: venv-dev ## imports point down (.importlinter)
	@$(BIN)/lint-imports

types: venv-dev ## mypy --strict
	@$(BIN)/mypy

check: venv-dev ## Django's checks, with the defaults and as in production; migrations match the models
	@bin/checks

docs: venv-dev ## write the tables of docs/ that are made from the code
	@$(EMBEDDED) DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.architecture.documented --write

messages: venv-dev ## collect the strings into locale/ and compile the translations
	@$(EMBEDDED) DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.architecture.messages --write

lock: export UV_SYSTEM_CERTS=1
lock: venv-dev ## pin requirements/*.txt with hashes from the ranges of pyproject.toml
	@$(BIN)/uv pip compile $(PINNED) pyproject.toml -o requirements/base.txt
	@$(BIN)/uv pip compile $(PINNED) pyproject.toml --group dev -c requirements/base.txt -o requirements/dev.txt

assets: ## fetch the kept design system into static/vendor again (needs npm)
	@npm ci --no-audit --no-fund
	@npm run vendor
