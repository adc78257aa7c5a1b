# Everything a checkout needs: `make serve` and `make test` set themselves up with Python 3.11+, pip, venv and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

.DEFAULT_GOAL := help
.PHONY: help serve port-is-free test test-plugins lint audit campaigns search bench bench-filters bench-page bench-learning fresh-machine kills kill-jobs many-keys webhooks large-exports cuts fuzz page-libraries schema lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{ printf "  make %-18s %s\n", $$1, $$2 }'
	@echo
	@echo '  Settings are environment variables, docs/configuration.md has them all: LABELYARD_PORT=8080 make serve'

serve: port-is-free $(STAMP)-serve ## set up and serve, on 127.0.0.1:8000 unless told otherwise
	@exec $(BIN)/labelyard serve

# Said before minutes of set-up rather than after them.
port-is-free:
	@$(PYTHON) requirements/port_is_free.py

test: $(STAMP)-test sdk-environments stores-environment lint ## set up and run every check
	$(BIN)/pytest -n 2 --dist loadgroup

lint: $(STAMP)-test ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m tests.dead_code
	$(BIN)/python -m tests.audit

audit: $(STAMP)-test ## known vulnerabilities of the packages, where their database can be reached
	$(BIN)/python -m tests.audit

campaigns: $(STAMP)-test ## hold the product against a plain model in long random campaigns (CAMPAIGNS='--seed 7')
	$(BIN)/python -m tests.campaign $(CAMPAIGNS)

search: $(STAMP)-test ## look for new examples of every property (make test tries the same ones each time)
	LABELYARD_TEST_SEARCH=1 $(BIN)/pytest -n 2 --dist loadgroup tests/resolvers/test_differential.py tests/resolvers/test_random_rows.py tests/resolvers/test_variables.py tests/domain

bench: $(STAMP)-test ## print each hot path beside the bare loop
	$(BIN)/python -m tests.bench

bench-filters: $(STAMP)-test ## print what counts, filters and the queue take at 300,000 assets (ASSETS=20000 for less)
	$(BIN)/python -m tests.bench.filters $(ASSETS)

bench-page: $(STAMP)-test ## measure the labeling page in a real browser
	LABELYARD_TEST_PAGE_NUMBERS=1 $(BIN)/pytest -q -s -n 0 tests/page/test_numbers.py

fresh-machine: $(STAMP)-test ## set a clone up without Node, cut the network, serve it and label in a browser
	$(BIN)/python -m tests.page.fresh

bench-learning: $(STAMP)-test ## print what learning takes and reaches, beside its goals
	$(BIN)/python -m tests.bench.learning

kills: $(STAMP)-test ## kill server, database and both 300 times while clients write
	LABELYARD_TEST_KILLS=$${LABELYARD_TEST_KILLS:-300} $(BIN)/pytest -s tests/faults/test_kills.py

kill-jobs: $(STAMP)-test stores-environment ## kill server and workers 60 times while exports, synchronisations and deliveries run
	LABELYARD_TEST_JOB_KILLS=$${LABELYARD_TEST_JOB_KILLS:-60} $(BIN)/pytest -s tests/stores/test_killed_jobs.py

many-keys: $(STAMP)-test ## take in a bucket of 100,001 objects while workers are killed, and measure their memory
	LABELYARD_TEST_KEYS=$${LABELYARD_TEST_KEYS:-100001} $(BIN)/pytest -s tests/stores/test_many_keys.py

webhooks: $(STAMP)-test ## deliver 10,000 labels while the receiver and the server are killed
	LABELYARD_TEST_WEBHOOK_LABELS=$${LABELYARD_TEST_WEBHOOK_LABELS:-10000} $(BIN)/pytest -s -k bulk tests/server/webhook/test_deliveries.py

large-exports: $(STAMP)-test ## export 100,000 assets and measure the memory of the server
	LABELYARD_TEST_EXPORTED=$${LABELYARD_TEST_EXPORTED:-100000} $(BIN)/pytest -s tests/server/test_large_exports.py

fuzz: $(STAMP)-test ## send 100,000 random requests
	LABELYARD_TEST_FUZZ=$${LABELYARD_TEST_FUZZ:-100000} $(BIN)/pytest -s tests/faults/test_fuzz.py

test-plugins: $(STAMP)-test sdk-environments ## plugins as the SDK uploads them, waiting as long as it waits
	LABELYARD_TEST_PLUGINS_PATIENCE=15 $(BIN)/pytest -n 0 tests/sdk/test_plugins.py tests/services/plugin

cuts: $(STAMP)-test ## cut connections to the database 300 times while clients write
	LABELYARD_TEST_CUTS=$${LABELYARD_TEST_CUTS:-300} $(BIN)/pytest -s tests/faults/test_cuts.py

page-libraries: $(STAMP)-test ## fetch the libraries of the labeling page from npm anew
	$(BIN)/python -m tests.page.libraries

schema: $(STAMP)-serve ## write schema.graphql
	$(BIN)/labelyard schema > schema.graphql

lock: $(STAMP)-serve ## resolve the requirement files anew
	$(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 requirements/build.in -o requirements/build.txt
	$(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml -o requirements/serve.txt
	$(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --extra learn -c requirements/serve.txt -o requirements/learning.txt
	$(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --extra learn --group pyproject.toml:test -o requirements/test.txt

include tests/sdk/environments.mk
include tests/pythons.mk
include tests/stores/environment.mk

clean: ## remove what set-up made (never the data directory)
	rm -rf .venv .sdk .stores .pythons build *.egg-info

$(BIN)/uv: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "labelyard needs Python 3.11 or later, this is " + sys.version.split()[0])'
	@echo 'Setting up 1/3: an environment in .venv'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(STAMP)-serve: $(BIN)/uv requirements/learning.txt pyproject.toml
	@echo 'Setting up 2/3: the packages of the server and of learning, PostgreSQL among them'
	$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/learning.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@echo 'Setting up 3/3: compiling'
	$(BIN)/python -m compileall -q server resolvers services storage domain
	@touch $@

$(STAMP)-test: $(STAMP)-serve requirements/test.txt
	@echo 'Setting up: the packages of the tests'
	$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/test.txt
	@touch $@
