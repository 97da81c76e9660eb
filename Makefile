# `make` alone lists the targets. They need make and Python 3.11 or later; packages are installed by their hashes.

SHELL := /bin/sh
.DEFAULT_GOAL := help

PORT ?= 8000
HOST ?= 127.0.0.1
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Packages are installed again only when a lock file or pyproject.toml changes.
RUN_STAMP := $(VENV)/ready-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/ready-dev-$(shell cat requirements-dev.lock pyproject.toml | cksum | cut -d' ' -f1)

# Tests run in parallel; an idle worker takes over tests of others. Each worker has its own PostgreSQL. One worker more than
# processors: many tests wait for a database or another process. `make test ASIDE=` runs them one by one.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ASIDE ?= -n $(WORKERS) --dist worksteal
# The number of random examples of a property, see tests/hypothesis_profiles.py: few here, all in `make check`.
HYPOTHESIS_PROFILE ?= fast
export HYPOTHESIS_PROFILE
# Python may cache compiled code: otherwise each process that the tests start compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-13s %s\n", $$1, $$2 }'

# --- set-up ---------------------------------------------------------------------------------------------------------

$(BIN)/python:
	@for each in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
		if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found="$$each"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "error: $(if $(PYTHON),$(PYTHON) is not,there is no) Python 3.11 or later" >&2; \
		echo "hint: install python3.11 or newer, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "error: $$found cannot make virtual environments" >&2; \
		echo "hint: install its venv package, such as python3-venv" >&2; exit 1; \
	fi; \
	echo "making $(VENV) with $$($$found --version)" >&2; \
	"$$found" -m venv $(VENV)

$(RUN_STAMP): | $(BIN)/python
	@echo "installing what requirements.lock names" >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-[0-9]* && touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo "installing what requirements-dev.lock names" >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/ready-dev-* && touch $@

# --- use ------------------------------------------------------------------------------------------------------------

.PHONY: run
run: $(RUN_STAMP) ## Start a demo on 127.0.0.1:8000 (PORT=… HOST=…); the first start makes keys, tables and people
	@exec $(BIN)/chengxin serve --host $(HOST) --port $(PORT)

.PHONY: import
import: $(RUN_STAMP) ## Import basic information: FILE=… DEPARTMENT=… AS=…
	@if [ -z "$(FILE)" ] || [ -z "$(DEPARTMENT)" ] || [ -z "$(AS)" ]; then \
		echo "error: an import needs a file, a department and who acts" >&2; \
		echo "hint: make import FILE=cases.csv DEPARTMENT=LZ-SCJG AS=demo-handler" >&2; exit 2; \
	fi
	@$(BIN)/chengxin import "$(FILE)" --department "$(DEPARTMENT)" --as "$(AS)"

# --- work -----------------------------------------------------------------------------------------------------------

.PHONY: test-fast
test-fast: $(DEV_STAMP) ## Run the fast tests within a minute: no PostgreSQL, no subprocess, no PDF, no whole gateway
	@$(BIN)/python -m pytest -q -n auto --dist worksteal --ignore=tests/journeys --ignore=tests/schema/fuzz --sample 5 \
		-m "not postgres and not subprocess and not pdf and not slow"

.PHONY: test
test: $(DEV_STAMP) ## Run the tests, on SQLite and on a real PostgreSQL; of the costliest cases every fifth (`make check`: all)
	@$(BIN)/python -m pytest -q --sample 5 $(ASIDE)

# Which of the costliest cases `make check` runs: all; as `make test` with CASES="--sample 5" HYPOTHESIS_PROFILE=fast.
CASES ?=
.PHONY: check
check: HYPOTHESIS_PROFILE = full
check: $(DEV_STAMP) ## Check everything: format, lint, types, layers, tests
	@$(BIN)/python -c 'import importlib.metadata as m, sys; sys.exit("casbin" in {d.name.lower() for d in m.distributions()})' || { \
		echo "error: the distribution casbin is installed; it writes the same folder as pycasbin" >&2; \
		echo "hint: $(BIN)/pip uninstall casbin, and then pip install --force-reinstall pycasbin" >&2; exit 1; \
	}
	@# Side by side: most of the time they wait for a registry.
	@{ $(provider); } & { $(moto); } & { $(schemathesis); } & \
	$(BIN)/python -m tests.interop.install & $(BIN)/python -m tests.clients.installed libraries python & wait
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# Types and layers are checked beside the tests. Their output comes last, and any failure fails the whole.
	@report="$$(mktemp)"; trap 'rm -f "$$report"' EXIT; \
	{ status=0; \
		echo "$(BIN)/mypy"; $(BIN)/mypy || status=1; \
		echo "$(BIN)/lint-imports"; $(BIN)/lint-imports || status=1; \
		exit $$status; } >"$$report" 2>&1 & beside=$$!; \
	echo "$(BIN)/python -m pytest -q $(CASES) $(ASIDE)"; \
	$(BIN)/python -m pytest -q $(CASES) $(ASIDE); tests=$$?; \
	wait $$beside; others=$$?; cat "$$report"; \
	if [ $$tests -ne 0 ]; then echo "error: tests failed" >&2; fi; \
	if [ $$others -ne 0 ]; then echo "error: mypy or lint-imports failed" >&2; fi; \
	[ $$tests -eq 0 ] && [ $$others -eq 0 ]

# How long `make fuzz` goes on, and where it begins.
MINUTES ?= 60
SEED ?= 1
.PHONY: fuzz
fuzz: $(DEV_STAMP) ## Send random documents for an hour (MINUTES=… SEED=…): all ways to answer agree, nothing hidden shows
	@# Two side by side: documents on each database, and databases that differ in what is hidden.
	@FUZZ_MINUTES=$$(awk "BEGIN { print $(MINUTES) / 3 }") FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -q -p no:randomly -n 2 \
		tests/schema/noninterference tests/schema/fuzz/test_laws.py

.PHONY: drill
drill: $(DEV_STAMP) ## Kill servers 60 times and sequencers 500 times on each database, fill a disk; look for what is missing afterwards
	@$(BIN)/python -m tests.drill

# What `make bench` passes on, such as BENCH="--only sqlite --against v1".
BENCH ?=
.PHONY: bench
bench: $(DEV_STAMP) ## Measure the gateway against other servers over HTTP, as ratios within one run (BENCH="--save …"), then the ledger
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		[ -d bench/contenders/node_modules ] || npm --prefix bench/contenders ci --silent --no-audit --no-fund || \
			echo "skipped: npm cannot install the contenders" >&2; \
	fi
	@$(BIN)/python -m bench $(BENCH)
	@$(MAKE) bench-ledger

.PHONY: bench-documents
bench-documents: $(DEV_STAMP) ## Measure what unknown documents cost, and the memory while 100,000 come
	@$(BIN)/python -m bench.documents

.PHONY: bench-exports
bench-exports: $(DEV_STAMP) ## Measure the memory of an export of 20,000 and of 200,000 cases
	@$(BIN)/python -m bench.exports

.PHONY: bench-growth
bench-growth: $(DEV_STAMP) ## Measure only how worklists and focused checks grow from 2,000 to 200,000 subjects
	@$(BIN)/python -m bench.growth

.PHONY: bench-ledger
bench-ledger: $(DEV_STAMP) ## Measure the ledger: integration, tiles and proofs, folding and epochs, and pages beside it
	@for part in sequencer tiles subject_trees beside_pages; do $(BIN)/python -m bench.ledger.$$part || exit 1; done

.PHONY: schema
schema: $(RUN_STAMP) ## Write schema/schema.graphql again
	@$(BIN)/chengxin schema print > schema/.schema.graphql && mv schema/.schema.graphql schema/schema.graphql

.PHONY: schema-released
schema-released: $(RUN_STAMP) ## Write schema/released.graphql again, once when a release is made: what clients may rely on
	@$(BIN)/chengxin schema print > schema/.released.graphql && mv schema/.released.graphql schema/released.graphql

.PHONY: golden
golden: $(DEV_STAMP) ## Write the golden files again; review the difference
	@RENEW_GOLDEN=1 $(BIN)/python -m pytest -q -p no:randomly -k golden
	@git --no-pager diff --stat -- tests/golden

.PHONY: audit
audit: $(DEV_STAMP) ## Run the public GraphQL-over-HTTP audits against a local server (needs Node)
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
		echo "skipped: the audits need Node and npm" >&2; \
	else \
		{ [ -d tests/audit/node_modules ] || npm --prefix tests/audit ci --silent --no-audit --no-fund; } && \
		$(BIN)/python -m tests.served node tests/audit/run-audit.mjs '{url}/graphql'; \
	fi

# Installs the provider once; without Node its tests are skipped, and say so.
provider = if command -v node >/dev/null && command -v npm >/dev/null; then \
		[ -d tests/oidc/node_modules ] || npm --prefix tests/oidc ci --silent --no-audit --no-fund || \
			echo "skipped: npm cannot install the OpenID Connect provider" >&2; \
	else \
		echo "skipped: the OpenID Connect provider needs Node and npm" >&2; \
	fi

.PHONY: oidc
oidc: $(DEV_STAMP) ## Sign in at a real OpenID Connect provider, and link an account (needs Node)
	@$(provider)
	@$(BIN)/python -m pytest -q -p no:randomly tests/journeys/accounts/test_real_provider.py

# Installs moto once, in an environment of its own; where it cannot be had its tests are skipped, and say so.
MOTO := build/moto-$(shell cksum < tests/s3/requirements.lock | cut -d' ' -f1)
moto = [ -x $(MOTO)/bin/moto_server ] || { $(BIN)/python -m venv $(MOTO) && \
	$(MOTO)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r tests/s3/requirements.lock; } || \
	echo "skipped: moto cannot be installed, the server of the S3 tests" >&2

.PHONY: s3
s3: $(DEV_STAMP) ## Keep the ledger's tiles in a bucket of a real S3 server, which is moto's
	@$(moto)
	@$(BIN)/python -m pytest -q -p no:randomly tests/gateway/ledger/stores/test_s3_store.py

# Installs schemathesis likewise.
SCHEMATHESIS := build/schemathesis-$(shell cksum < tests/http_fuzz/requirements.lock | cut -d' ' -f1)
schemathesis = [ -x $(SCHEMATHESIS)/bin/schemathesis ] || { $(BIN)/python -m venv $(SCHEMATHESIS) && \
	$(SCHEMATHESIS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r tests/http_fuzz/requirements.lock; } || \
	echo "skipped: schemathesis cannot be installed, which sends random requests" >&2

# How many random requests `make fuzz-http` sends for each root field, as each persona.
EXAMPLES ?= 20
.PHONY: fuzz-http
fuzz-http: $(DEV_STAMP) ## Send random requests that schemathesis makes from the schema to a real server (EXAMPLES=20)
	@$(schemathesis)
	@$(BIN)/python -m tests.http_fuzz.schemathesis_run $(EXAMPLES)

.PHONY: peers
peers: $(DEV_STAMP) ## Let other implementations verify a log: golang.org/x/mod, aics-tlog, tlog-scales, sigstore
	@$(BIN)/python -m tests.interop.install
	@$(BIN)/python -m pytest -q -p no:randomly tests/interop

.PHONY: clients
clients: $(DEV_STAMP) ## Let clients of a front end read and write at a real gateway, compose and lint the schema (needs Node)
	@$(BIN)/python -m tests.clients.installed libraries tools python
	@$(BIN)/python -m pytest -q -p no:randomly tests/clients

.PHONY: browser
browser: $(DEV_STAMP) ## Open pages in a real Chromium: what they do, on a phone too, and what axe-core finds (needs Node and Chromium)
	@$(BIN)/python -m tests.browser.installed
	@$(BIN)/python -m pytest -q -p no:randomly tests/browser

.PHONY: lock
lock: $(DEV_STAMP) ## Resolve the dependencies again (needs uv); the locks contain hashes and no addresses
	@uv="$$(command -v $(BIN)/uv || command -v uv)" || { \
		echo "error: there is no uv" >&2; echo "hint: $(BIN)/pip install uv" >&2; exit 1; \
	}; \
	compile="$$uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11"; \
	$$compile --upgrade --extra build --extra s3 --extra otel --extra redis pyproject.toml -o requirements.lock && \
	$$compile --upgrade --extra build --extra s3 --extra otel --extra redis --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock && \
	$$compile --upgrade tests/s3/requirements.in -o tests/s3/requirements.lock && \
	$$compile --upgrade tests/http_fuzz/requirements.in -o tests/http_fuzz/requirements.lock && \
	$$compile --upgrade tests/clients/requirements.in -o tests/clients/requirements.lock && \
	$$compile --upgrade tests/browser/requirements.in -o tests/browser/requirements.lock && \
	$$compile --upgrade tests/interop/requirements.in -o tests/interop/requirements.lock

.PHONY: clean
clean: ## Remove builds and caches; var/ with the demo's data stays
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './node_modules/*' -prune -exec rm -rf {} +
