# Every target makes .venv when it is missing and brings it up to date when a lock has changed.

VENV := .venv
BIN := $(VENV)/bin
# The first Python on this machine that the project supports; `make app PYTHON=...` names another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null \
	&& echo "$$python" && break; done)

CONFIG ?= training/configs/cnn.toml
DATA ?= data
ARGS ?=

.PHONY: help app test test-changed test-all fuzz soak screenshots check format train results lock audit sbom

help:  ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1 \t\2/p' Makefile

app: $(VENV)/.app-installed  ## prepare the saved models and open the app
	$(BIN)/python -m fer_core prepare
	$(BIN)/python -m streamlit run app.py $(ARGS)

# In three parts: a browser and its server take a core, and live video needs the machine for itself.
# The others often wait for processes of their own, so one more than cores, up to four. A choice of
# tests that leaves one part without any is no failure (5).
PYTEST = $(BIN)/python -m pytest --durations 10
SIDE_BY_SIDE = --numprocesses auto --dist loadfile --no-loadscope-reorder
OR_NONE = || [ $$? -eq 5 ]

test: $(VENV)/.dev-installed  ## run the tests; ARGS="-k confusion" passes options to pytest
	@for browser in chromium chromium-browser google-chrome; do \
		command -v $$browser > /dev/null && exit; done; \
		echo "No Chromium found, so browser tests are skipped (Debian: apt-get install chromium)."
	PYTEST_XDIST_AUTO_NUM_WORKERS=$$(($$(getconf _NPROCESSORS_ONLN) + 1)) \
		$(PYTEST) tests/unit tests/app tests/goldens $(SIDE_BY_SIDE) --maxprocesses 4 $(ARGS) $(OR_NONE)
	$(PYTEST) tests/browser --ignore tests/browser/video $(SIDE_BY_SIDE) --maxprocesses 2 \
		$(ARGS) $(OR_NONE)
	$(PYTEST) tests/browser/video $(ARGS) $(OR_NONE)

test-changed: $(VENV)/.dev-installed  ## run long tests whose subject changed since they last passed
	$(BIN)/python -m tests.long_tests --changed

test-all: test  ## run the tests, then all long ones: before a release, and every night
	$(BIN)/python -m tests.long_tests

fuzz: $(VENV)/.dev-installed  ## try thousands of hostile files; FER_FUZZ_CORPUS names a folder of more
	$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(VENV)/.dev-installed  ## let 20 people upload and 4 show live video at once, then 200 come and go
	$(BIN)/python benchmarks/soak.py $(ARGS)

screenshots: $(VENV)/.dev-installed  ## take the pictures in docs/screenshots again; ARGS=live takes one page
	$(BIN)/python -m tests.screenshots $(ARGS)

check: $(VENV)/.dev-installed  ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev-installed  ## format, and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(VENV)/.app-installed  ## train one model: make train CONFIG=training/configs/cnn.toml DATA=data
	$(BIN)/python -m training.train --config $(CONFIG) --data $(DATA) $(ARGS)

results: $(VENV)/.app-installed  ## compute every published number again from the saved predictions
	$(BIN)/python -m training.results

UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --quiet \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(ARGS)

lock: $(VENV)/.dev-installed  ## write both locks from pyproject.toml; ARGS=--upgrade takes newer releases
	$(UV_COMPILE) --output-file requirements.txt
	$(UV_COMPILE) --output-file requirements-dev.txt --group dev --constraint requirements.txt

audit: $(VENV)/.dev-installed  ## look up known weaknesses of everything in the app's lock (online)
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off \
		--requirement requirements.txt $(ARGS) \
		|| { echo "Not clean, or not known: see above. It needs pypi.org, or osv.dev with" \
			"ARGS='--vulnerability-service osv'."; exit 1; }

sbom: $(VENV)/.dev-installed  ## write sbom.json: what the app is made of, in CycloneDX
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
		--output-reproducible --output-file sbom.json $(ARGS)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.13 is needed, and none was found."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# uv installs faster; pip does it where uv cannot, as behind a mirror that only pip knows. pip takes
# checksums from a file only: it gets the lines of the lock that are about uv.
UV_LOCK := $(VENV)/uv.txt
define install
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(UV_LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
			--require-hashes --requirement $(UV_LOCK) \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode \
			--require-hashes --requirement $(1) \
		|| $(BIN)/python -m pip install --disable-pip-version-check --require-hashes \
			--requirement $(1)
endef

$(VENV)/.app-installed: requirements.txt | $(BIN)/python
	$(call install,requirements.txt)
	@touch $@

# The development lock holds the app's as well.
$(VENV)/.dev-installed: requirements-dev.txt | $(BIN)/python
	$(call install,requirements-dev.txt)
	@touch $@
