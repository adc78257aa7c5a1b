# Servers of cloud storage for the tests, in an environment of their own. Included by the Makefile, whose BIN it uses.
STORES_STAMP := .stores/.stamp
AZURITE := tests/stores/azurite
# Its own npm, where the machine has none.
AZURITE_PATH := $(CURDIR)/.stores/node/bin:$(PATH)

.PHONY: stores-environment test-stores lock-stores

stores-environment: $(STORES_STAMP) ## set up the servers of cloud storage that the tests use

$(STORES_STAMP): tests/stores/requirements.txt tests/stores/node.txt $(AZURITE)/package-lock.json | $(BIN)/uv
	@echo 'Setting up: servers of cloud storage for the tests'
	$(BIN)/uv venv -q --clear --python $(BIN)/python .stores
	$(BIN)/uv pip install -q --python .stores/bin/python --require-hashes -r $<
	@command -v npm >/dev/null || { $(BIN)/uv venv -q --python $(BIN)/python .stores/node && \
	  $(BIN)/uv pip install -q --python .stores/node/bin/python --require-hashes -r tests/stores/node.txt; }
	@mkdir -p .stores/azurite && cp $(AZURITE)/package.json $(AZURITE)/package-lock.json .stores/azurite/
	@cd .stores/azurite && PATH="$(AZURITE_PATH)" npm ci --silent --ignore-scripts --omit=dev --no-audit --no-fund || \
	  { rm -rf node_modules; echo 'npm cannot install azurite here: the tests against Azure are left out'; }
	@touch $@

test-stores: $(STAMP)-test stores-environment ## the tests against a server of cloud storage, alone
	$(BIN)/pytest -n 0 tests/stores

lock-stores: $(BIN)/uv ## resolve the requirements of the servers of cloud storage anew
	for name in requirements node; do \
	  $(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    tests/stores/$$name.in -o tests/stores/$$name.txt || exit 1; \
	done
	cd $(AZURITE) && npm update --package-lock-only --ignore-scripts --no-audit --no-fund
