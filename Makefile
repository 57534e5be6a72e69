# Everything that is done with a checkout; `make help` lists it. Needs python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Tests that start processes mostly wait for them: more at once than there are cores. What Python compiles is kept for
# those processes, whatever the environment says.
JOBS ?= 4
PYTEST := -m pytest -n $(JOBS) --dist worksteal
KEEPING := env -u PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help quickstart test proof test-lowest contract ajv lint format schemas golden reference docs bench lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

quickstart: $(VENV)/.run  ## install, then run the quickstart on a local exchange
	@$(BIN)/pmx-run playbooks/quickstart.yaml

test: $(VENV)/.dev  ## the tests
	@$(KEEPING) $(BIN)/python $(PYTEST)

lint: $(VENV)/.dev  ## ruff and mypy, strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev  ## let ruff put everything into form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schemas: $(VENV)/.dev  ## write the published schemas anew from the actions' declarations
	@$(BIN)/python -m pytest -q tests/actions/test_schemas.py --update

golden: $(VENV)/.dev  ## write the expected pictures of wrong playbooks and checks anew; read the difference
	@$(BIN)/python -m pytest -q tests/playbook/test_wrong.py tests/expression/test_explaining.py --update

reference: $(VENV)/.dev  ## write docs/reference/ anew from schemas, actions, commands and settings
	@$(BIN)/python -m pytest -q tests/handbook/test_reference.py --update

docs: | need-python  ## the documentation as a site in site/ (installs mkdocs); a dead link fails
	@test -d .venv-docs || $(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/docs.txt
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict

bench: $(VENV)/.dev  ## measure; the figures go to benchmarks/RESULTS.md
	@$(KEEPING) $(BIN)/python -m benchmarks

proof: $(VENV)/.dev .proof/.tools  ## the long matrices whole; their counts go to docs/proof.md
	@$(KEEPING) $(BIN)/python $(PYTEST) -m proof --junitxml=.proof.xml
	@$(BIN)/python tests/write_proof.py .proof.xml docs/proof.md

# What looks at reports: an accessibility checker and a driver for Chromium, and the JUnit schema that Jenkins checks
# with, which pytest's sources carry; the schemas of Kubernetes. What can't be had is left out, and its proofs say so.
.proof/.tools:
	@mkdir -p .proof
	@command -v npm >/dev/null && \
	  npm install --silent --no-save --no-audit --no-fund --prefix .proof axe-core@4 playwright-core@1 || true
	@$(BIN)/python -m pip --disable-pip-version-check --quiet download --no-deps --no-binary :all: -d .proof pytest==8.4.2 && \
	  tar -xzf .proof/pytest-8.4.2.tar.gz -C .proof --strip-components=3 pytest-8.4.2/testing/example_scripts/junit-10.xsd || true
	@$(PIP) install kubernetes-validate || true
	@touch $@

# Old versions show in what calls the libraries; whole processes, kills and pages are tried once, by `make test`.
LOWEST := $(filter-out tests/chaos/ tests/e2e/ tests/handbook/,$(wildcard tests/*/)) $(wildcard tests/test_*.py) \
  tests/e2e/test_quickstart.py

test-lowest: | need-python  ## the tests with the lowest versions that pyproject.toml allows
	@test -d .venv-lowest || $(PYTHON) -m venv .venv-lowest
	@.venv-lowest/bin/python -m pip --disable-pip-version-check --quiet install -r requirements/lowest.txt
	@.venv-lowest/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --editable .
	@$(KEEPING) .venv-lowest/bin/python $(PYTEST) $(LOWEST)

contract: | need-python  ## thousands of generated requests against the sandbox's own description (installs schemathesis)
	@test -d .venv-contract || $(PYTHON) -m venv .venv-contract
	@.venv-contract/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[contract]'
	@.venv-contract/bin/python -m pytest -m contract tests/sandbox/test_contract.py

ajv: $(VENV)/.dev  ## the playbook schema against the validator that editors use (needs node and npm)
	@npm install --silent --no-save --no-audit --no-fund --prefix .ajv ajv@8
	@$(BIN)/python -m pytest tests/playbook/test_bundle.py

lock:  ## resolve the requirements anew (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra docs pyproject.toml -o requirements/docs.txt
	uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-annotate --resolution lowest-direct \
	  --custom-compile-command "make lock" --extra test pyproject.toml -o requirements/lowest.txt

clean:  ## take away what was made
	rm -rf $(VENV) .venv-lowest .venv-contract .venv-docs site .ajv .proof dist build *.egg-info .pytest_cache .mypy_cache \
	  .ruff_cache .hypothesis

# What is missing is named with the package that brings it.
.PHONY: need-python
need-python:
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: install the package python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed (make PYTHON=python3.12 ...)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "python3 has no venv: install the package python3-venv"; exit 1; }

$(VENV)/bin/python: | need-python
	@echo "making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# A stamp says that this set is installed; the larger set counts for the smaller one.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what a run needs ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
