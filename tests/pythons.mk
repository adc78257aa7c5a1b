# The quick part of the suite on every supported Python that the machine has, pyenv's included. Included by the Makefile.
PYTHON_VERSIONS := 3.11 3.12 3.13
QUICK_TESTS := tests/domain tests/schema tests/resolvers/project tests/test_layers.py tests/test_docs.py tests/test_sql.py

.PHONY: test-pythons

test-pythons: $(STAMP)-test sdk-environments ## run the quick tests on every Python from 3.11 to 3.13 that is here
	@for version in $(PYTHON_VERSIONS); do \
	  python=$$(command -v "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python python$$version 2>/dev/null | head -1); \
	  if [ -z "$$python" ]; then echo "Python $$version: not here"; continue; fi; \
	  echo "Python $$version: $$python"; \
	  $(BIN)/uv venv -q --clear --python "$$python" .pythons/$$version && \
	  $(BIN)/uv pip install -q --python .pythons/$$version/bin/python --require-hashes -r requirements/build.txt -r requirements/test.txt && \
	  $(BIN)/uv pip install -q --python .pythons/$$version/bin/python --no-deps --no-build-isolation -e . && \
	  .pythons/$$version/bin/pytest -n 2 --dist loadgroup $(QUICK_TESTS) || exit 1; \
	done
