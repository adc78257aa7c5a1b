# Servers of cloud storage for the tests, in an environment of their own. Included by the Makefile, whose BIN it uses.
STORES_STAMP := .stores/.stamp

.PHONY: stores-environment test-stores lock-stores

stores-environment: $(STORES_STAMP) ## set up the servers of cloud storage that the tests use

$(STORES_STAMP): tests/stores/requirements.txt | $(BIN)/uv
	@echo 'Setting up: servers of cloud storage for the tests'
	$(BIN)/uv venv -q --clear --python $(BIN)/python .stores
	$(BIN)/uv pip install -q --python .stores/bin/python --require-hashes -r $<
	@touch $@

test-stores: $(STAMP)-test stores-environment ## the tests against a server of cloud storage, alone
	$(BIN)/pytest -n 0 tests/stores

lock-stores: $(BIN)/uv ## resolve the requirements of the servers of cloud storage anew
	$(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	  tests/stores/requirements.in -o tests/stores/requirements.txt
