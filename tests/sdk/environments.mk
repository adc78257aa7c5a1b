# One environment for each release of the SDK that the tests drive, none of which may share one with the server:
# the SDK pins graphql-core 3.2. Included by the Makefile, whose BIN it uses.
SDK_RELEASES := 2.60.0 2.86.1 2.99.0 2.120.0 2.147.0 2.160.0 26.2.4
# `make test-clients` calls every method of these; the newest with the extras that its methods need.
CLIENT_RELEASES := 2.1.1 2.60.0 2.99.0 2.120.0 2.140.0 2.160.0 2.176.1 25.2.10 26.2.4-all
# Clients of other products, which the doors serve: `make test-doors` calls every method of them.
DOOR_CLIENTS := fastlabel-0.26.0 fastlabel-0.14.13
SDK_REQUIREMENTS := tests/sdk/requirements
SDK_STAMPS := $(SDK_RELEASES:%=.sdk/%/.stamp)
CLIENT_STAMPS := $(CLIENT_RELEASES:%=.sdk/%/.stamp)
DOOR_STAMPS := $(DOOR_CLIENTS:%=.sdk/%/.stamp)

.PHONY: sdk-environments client-environments door-environments test-clients test-doors lock-sdk

sdk-environments: $(SDK_STAMPS) ## set up the SDK releases that the tests drive

client-environments: $(CLIENT_STAMPS) ## set up the SDK releases whose methods are all called

test-clients: $(STAMP)-test client-environments stores-environment ## call every method of nine SDK releases
	$(BIN)/pytest -n 2 --dist loadgroup $(CLIENTS) tests/sdk/every_method/check_every_method.py

door-environments: $(DOOR_STAMPS) ## set up the clients of other products that the doors serve

test-doors: $(STAMP)-test door-environments ## call every method of the clients of other products
	$(BIN)/pytest -n 2 --dist loadgroup $(DOORS) tests/door/fastlabel/check_every_method.py

# The locks are complete, so nothing is resolved again: --no-deps lets a release run beside wheels newer than its pins.
# The few packages that exist as source only are built with the setuptools of requirements/build.txt.
.sdk/%/.stamp: $(SDK_REQUIREMENTS)/%.txt | $(BIN)/uv
	@echo 'Setting up: the client $*'
	$(BIN)/uv venv -q --clear --python $(BIN)/python .sdk/$*
	$(BIN)/uv pip install -q --python .sdk/$*/bin/python --no-deps --require-hashes --build-constraints requirements/build.txt -r $<
	@touch $@

lock-sdk: $(BIN)/uv ## resolve the requirements of the SDK environments anew
	@for release in $(sort $(SDK_RELEASES) $(CLIENT_RELEASES) $(DOOR_CLIENTS)); do \
	  $(BIN)/uv pip compile -q --upgrade --no-header --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    --override $(SDK_REQUIREMENTS)/override.txt $(SDK_REQUIREMENTS)/$$release.in -o $(SDK_REQUIREMENTS)/$$release.txt || exit 1; \
	done
