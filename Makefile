# Needs make and Python >= 3.11, nothing else: every target builds the environment it runs in.
#   make PYTHON=/path/to/python3.12 run    to choose the interpreter

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
            $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
LOCK   := .ci/requirements.lock
BIN    := .venv/bin
OUT    := out
# make up: what it watches and when, and the port of its UI
INBOX  := inbox
CRON   := * * * * *
PORT   := 4200
# named after what it was built from, so that a changed lock builds anew and a fresh checkout's times do not matter
READY  := .venv/ready-$(shell cat $(LOCK) pyproject.toml | cksum | cut -d' ' -f1)
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input -q install

.PHONY: help env run up test lint format rules docs bench lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(READY)  ## build .venv from the lock
	@:

$(READY):
	@test -n "$(PYTHON)" || { echo "make: no Python >= 3.11 found; name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "make: $(PYTHON) is not Python >= 3.11; name another: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Building .venv with $$("$(PYTHON)" --version) (a minute or two, once)" >&2
	@"$(PYTHON)" -m venv --clear .venv
	@# setuptools comes first, from the lock like the rest: what has no wheel is built with it and not with a newer one
	@sed -n '/^setuptools==/,/[^\\]$$/p' $(LOCK) > .venv/build.lock
	@$(PIP) --require-hashes --no-deps -r .venv/build.lock
	@$(PIP) --require-hashes --no-deps --no-build-isolation -r $(LOCK)
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

run: env  ## clean the example pages and query the result
	@$(BIN)/wirebrush clean examples/pages --output $(OUT)
	@$(BIN)/python examples/query.py $(OUT)

up: env  ## server, schedule and worker on this machine: cleans what is dropped into inbox/, every minute (CRON=...)
	@exec $(BIN)/wirebrush up --sources $(INBOX) --output $(OUT) --cron "$(CRON)" --port $(PORT)

test: env  ## run the whole test suite
	@$(BIN)/python -m pytest -n auto

lint: env  ## check style, format and types
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "make: not formatted; run: make format" >&2; exit 1; }
	@$(BIN)/mypy

format: env  ## apply the formatter and the safe fixes
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

rules: env  ## compile the shipped rules after a change to them
	@$(BIN)/python -c 'from tasks.strip.rules import compile_shipped; print(f"{compile_shipped():,} rules compiled")'

docs: env  ## bring the generated parts of the documentation up to date
	@$(BIN)/python docs/generate.py

bench: env  ## run the benchmarks, side by side with what else is installed (some minutes)
	@$(BIN)/python benchmarks/bench.py --write

lock:  ## bring the lock up to date with pyproject.toml (needs uv)
	@.ci/lock

clean:  ## remove what was built and the examples' output
	@rm -rf .venv $(OUT) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
