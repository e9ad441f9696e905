# The commands of this project. `make` alone lists them.

PYTHON ?= python3
ARGS ?=
# Tests and measurements start some thousand processes: without byte code each would take twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# A stamp is younger than the lock it was installed from: a second call costs nothing.
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
# Scripts in a virtual environment hold its path, so one that was moved or copied is made anew.
HOME_OF_VENV := $(shell cat $(VENV)/.home 2>/dev/null)

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: help run demo test browser lint publish texts builders builders-n8n interleavings race mutation coverage chaos crashes upgrade hosts scanners twilio-mock fuzz bench bench-full audit locks clean
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(RUN) ## start service, worker and queue server in this terminal
	@$(BIN)/heed up $(ARGS)

demo: $(RUN) ## show a person opting out in the middle of a campaign
	@$(BIN)/heed demo $(ARGS)

test: $(TEST) ## run the tests, e.g. make test ARGS="-k floors"
	@$(BIN)/python -m pytest $(ARGS)

browser: $(TEST) ## try the pages in a real Chromium, which it installs where it may (Debian, root)
	@./.ci/browser
	@$(BIN)/python -m pytest tests/browser -m browser $(ARGS)

lint: $(TEST) ## check style (ruff), dangers (bandit) and types (mypy)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit --quiet -ll --configfile pyproject.toml --recursive connector actions schemas worker.py
	@$(BIN)/mypy

publish: $(TEST) ## write schemas/published anew, after an action has changed
	@$(BIN)/python -m tests.contracts.publish

builders: $(TEST) ## drop Heed into real flow builders; npm installs them once, into var/builders
	@$(BIN)/python -m tests.builders_live.packages node-red n8n-lint zapier activepieces swagger typescript python-client
	@$(BIN)/python -m pytest -m builders tests/builders_live $(ARGS)

builders-n8n: $(TEST) ## the same into a real n8n: 3 GB and some minutes the first time
	@$(BIN)/python -m tests.builders_live.packages node24 n8n
	@$(BIN)/python -m pytest -s -m n8n tests/builders_live $(ARGS)

texts: $(TEST) ## write the catalogue of the console's texts anew, after one has changed
	@$(BIN)/python -m tests.contracts.texts

bench: $(TEST) ## measure, in half an hour; ARGS names parts of it
	@$(BIN)/python -m bench $(ARGS)

bench-full: $(TEST) ## the same with a million of each, and three minutes for each kind of sender
	@HEED_BENCH_IMPORT=1000000 HEED_BENCH_EXPORT=1000000 HEED_BENCH_ENROL=1000000 HEED_BENCH_PEOPLE=1000000 \
		HEED_BENCH_CLAIMS=60000 $(BIN)/python -m bench --minutes 3 $(ARGS)

interleavings: $(TEST) ## play every order of a claim, an opt-out and an enrolment, and seven mutants that must fail
	@$(BIN)/python -m tests.proof.interleavings $(ARGS)

race: $(TEST) ## race 120,000 opt-outs with sends and enrolments, with delays in the code, on both databases
	@$(BIN)/python -m tests.proof.race $(ARGS)

mutation: $(TEST) ## change the decision and the fence in every small way; at least 9 changes in 10 must fail a test
	@$(BIN)/python -m tests.proof.mutation $(ARGS)

coverage: $(TEST) ## run the tests with branches counted; at least 95 % of domain, engine and store, else it names what is missing
	@$(BIN)/python -m tests.proof.branches $(ARGS)

chaos: $(TEST) ## kill, stop and cut off everything for three minutes; CHAOS=full for the long form
	@$(BIN)/python -m tests.proof.chaos $(ARGS)

crashes: $(TEST) ## kill -9 at every statement, commit and byte that leaves, 20 times each, on both databases
	@$(BIN)/python -m tests.proof.crashes $(ARGS)

fuzz: $(TEST) ## call everything with data that fits and that does not, 50,000 times, on both databases (28 minutes)
	@$(BIN)/python -m tests.proof.fuzz $(ARGS)

scanners: $(TEST) ## look at every public link 10,000 times as link scanners do, and compare the whole database
	@$(BIN)/python -m tests.proof.scanners $(ARGS)

twilio-mock: $(TEST) ## send to a mock made from Twilio's own OpenAPI; needs npm
	@command -v npm >/dev/null || { echo "heed: twilio-mock needs npm and Node 20 or newer" >&2; exit 2; }
	@mkdir -p var/twilio-mock
	@npm install --prefix var/twilio-mock --no-audit --no-fund --silent --ignore-scripts \
		@stoplight/prism-cli@5.14.2 @twilio/cli-core@8.3.2
	@$(BIN)/python -m tests.proof.twilio_mock

audit: ## look the pinned versions up among the published advisories
	@./.ci/audit "$(PYTHON)" $(ARGS)

upgrade: $(TEST) ## run an older version and this one at once on one database, under load
	@$(BIN)/python -m tests.proof.upgrade $(ARGS)

hosts: $(TEST) ## several worker hosts (network namespaces; root), one of which is cut off
	@$(BIN)/python -m tests.proof.hosts $(ARGS)

locks: ## resolve the newest versions into the lock files
	@./.ci/locks "$(PYTHON)"

clean: ## remove the environment and all caches, keep var/
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): requirements.lock pyproject.toml | $(VENV)/.home
	$(call install,requirements.lock)
	@touch $(RUN)

# The test lock holds everything the other one holds, so it satisfies both stamps.
$(TEST): requirements-test.lock requirements.lock pyproject.toml | $(VENV)/.home
	$(call install,requirements-test.lock)
	@touch $(RUN) $(TEST)

# Python compiles what it uses at first use; to compile all at once takes a third of the installation.
define install
	@echo "heed: installing $(1) into $(VENV)"
	@$(PIP_INSTALL) --no-compile --require-hashes --only-binary=:all: -r $(1)
	@$(PIP_INSTALL) --no-build-isolation --no-index -e .
endef

ifneq ($(HOME_OF_VENV),$(CURDIR))
.PHONY: $(VENV)/.home $(RUN) $(TEST)
endif
$(VENV)/.home:
	@command -v "$(PYTHON)" >/dev/null || \
		{ echo "heed: no '$(PYTHON)' here; needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "heed: '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1); needs 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "heed: '$(PYTHON)' lacks the venv module (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "heed: making $(VENV) with $$("$(PYTHON)" -V)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@printf '%s\n' "$(CURDIR)" > $(VENV)/.home
