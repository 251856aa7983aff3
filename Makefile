# The commands of this project; `make` alone lists them. Needs python3 (3.11 or newer) and make:
# everything else is fetched into this folder (.venv, .uv-bootstrap) or named with its apt line.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
TESTS ?= tests
ARGS ?=
# uv installs exactly what uv.lock names. Where there is none, pip fetches it into its own venv.
UV := $(shell command -v uv 2>/dev/null || echo .uv-bootstrap/bin/uv)
# --inexact: a second command keeps what the first one installed. The interpreter is named only for
# the first: a .venv that exists and works is never made anew.
SYNC = UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --frozen --inexact $$([ -x .venv/bin/python ] || \
	$(PYTHON) -c 'import sys; print("--python", sys.executable)')
RUN := .venv/bin/python
DEVSERVICES := $(RUN) -m platform_site.devservices
# By the folders that hold migrations.
OUR_APPS = $(sort $(notdir $(patsubst %/migrations/__init__.py,%,\
	$(wildcard */migrations/__init__.py */*/migrations/__init__.py))))
CHROMIUM := /usr/bin/chromium
SOFFICE := /usr/bin/soffice
E2E_PACKAGES := chromium fonts-wqy-microhei
OFFICE_PACKAGES := libreoffice-writer-nogui
export PORT DEMO_DIR
# Where Python may not keep what it compiled, each of the many processes here compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset doctor test e2e lint lint-on-servers fmt bench faults messages migrations \
	schema api-fuzz workflows screenshots check-python uv browser office

help: ## List the commands
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" \
		read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: uv ## Install everything for developing into .venv
	@$(SYNC) --all-groups
	@$(DEVSERVICES) messages

demo: uv ## Run the whole platform with demo data (PORT=8000, DEMO_DIR=folder) until Ctrl-C
	@began=$$(date +%s); $(SYNC) || exit 1; \
		export SYNC_SECONDS=$$(($$(date +%s) - began)); exec $(DEVSERVICES) demo

demo-reset: uv ## Drop the demo's data
	@$(SYNC)
	@$(DEVSERVICES) reset

test: uv ## Run every test but the browser's (TESTS=path ARGS=-x)
	@$(SYNC) --group test --group contract
	@$(DEVSERVICES) messages
	$(RUN) -m pytest -n logical --maxprocesses 8 --ignore tests/e2e $(ARGS) $(TESTS)

e2e: uv browser office ## Run the tests that walk the pages with a browser and open documents in LibreOffice
	@$(SYNC) --group test --group e2e --group contract
	@$(DEVSERVICES) messages
	$(RUN) -m pytest -n 2 --dist loadgroup $(ARGS) tests/e2e

lint: uv ## Check style, types, imports, migrations, settings and generated papers
	@$(SYNC) --group test --group lint
	@$(DEVSERVICES) messages
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	.venv/bin/lint-imports --no-logo
	$(RUN) -m mypy
	$(RUN) -m bandit --quiet --recursive --configfile pyproject.toml \
		--severity-level medium --confidence-level medium manage.py platform_site reports
	@$(DEVSERVICES) with -- $(MAKE) --no-print-directory lint-on-servers

# Part of lint: what needs a database, or Django.
lint-on-servers:
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py migrate --no-input -v 0
	DJANGO_SETTINGS_MODULE=platform_site.devservices.lint_settings $(RUN) manage.py \
		lintmigrations --quiet ok ignore --include-apps $(OUR_APPS)
	DJANGO_SETTINGS_MODULE=platform_site.settings.production ALLOWED_HOSTS=platform.example.org \
		SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(RUN) manage.py check --deploy --fail-level WARNING
	$(RUN) manage.py print_workflows --check
	$(RUN) manage.py write_schema --check

fmt: uv ## Format the code
	@$(SYNC) --group lint
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

bench: uv ## Measure (table in docs/performance.md)
	@$(SYNC) --group test
	@$(DEVSERVICES) messages
	$(DEVSERVICES) with -- $(RUN) -m benchmarks $(ARGS)

faults: uv ## Kill workers and servers under 10,000 reminders and count what arrived
	@$(SYNC) --group test
	@$(DEVSERVICES) messages
	$(RUN) -m tests.faults $(ARGS)

messages: uv ## Bring the catalogues in locale/ up to the code, and compile them
	@$(SYNC)
	$(DEVSERVICES) extract
	$(DEVSERVICES) messages

migrations: uv ## Write the migrations that the models ask for (ARGS="-n name")
	@$(SYNC)
	$(DEVSERVICES) with -- $(RUN) manage.py makemigrations $(ARGS)

schema: uv ## Write docs/openapi.json and the examples in it (ARGS=--release: freeze it as released)
	@$(SYNC) --group test
	WRITE_EXAMPLES=1 $(RUN) -m pytest tests/platform_site/api/test_examples.py
	$(RUN) manage.py write_schema $(ARGS)

api-fuzz: uv ## Try the REST API with 10,000 and more made-up requests, against a demo of its own (ARGS)
	@$(SYNC) --group test --group e2e --group contract
	@$(DEVSERVICES) messages
	$(RUN) -m tests.contract $(ARGS)

workflows: uv ## Write docs/workflows/ from the step tables
	@$(SYNC)
	$(DEVSERVICES) with -- $(RUN) manage.py print_workflows

screenshots: uv browser ## Make the pictures of the README from a demo
	@$(SYNC) --group test --group e2e
	@$(DEVSERVICES) messages
	$(RUN) -m tests.e2e.screenshots $(ARGS)

doctor: uv ## Say what this machine's installation lacks (DATABASE_URL, REDIS_URL)
	@$(SYNC)
	@$(RUN) manage.py doctor

# --- What the commands stand on -----------------------------------------------------------------

check-python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is missing. Run: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$($(PYTHON) --version) is too old: 3.11 or newer is needed (PYTHON=path chooses one)." >&2; \
		exit 1; }

uv: check-python
	@if ! [ -x "$$(command -v $(UV))" ]; then \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "Python's venv module is missing. Run: apt-get install python3-venv" >&2; exit 1; }; \
		echo "Fetching uv, the installer, into .uv-bootstrap …"; \
		$(PYTHON) -m venv --clear .uv-bootstrap && \
		.uv-bootstrap/bin/python -m pip --disable-pip-version-check --quiet install 'uv>=0.8,<1'; \
	fi

# Installs the packages of its first argument where there is root and apt, else names the line.
define install_packages
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(1) …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
	else \
		echo "These tests need packages. Run: apt-get install --no-install-recommends $(1)" >&2; exit 1; \
	fi
endef

browser:
	@{ [ -x $(CHROMIUM) ] && command -v fc-list >/dev/null && [ -n "$$(fc-list :lang=zh)" ]; } && exit 0; \
	$(call install_packages,fontconfig $(E2E_PACKAGES))

office:
	@[ -x $(SOFFICE) ] && exit 0; \
	$(call install_packages,$(OFFICE_PACKAGES))
