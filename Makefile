# The only interface to the project's tools. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
T ?= tests

.DEFAULT_GOAL := help
PAGES := zones_api/pages/index.html
NODE := $(VENV)/.node
.PHONY: help run pages pages-check browser test pictures matrix laws crashes openid fuzz mutation check system install lint types imports openapi openapi-check lock migration package runtime clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: system install pages ## start the service with the demonstration zones on a private PostGIS
	@exec $(BIN)/zones serve --demo

test: system install pages browser ## run the tests on a real PostGIS (T=path for a part of them)
	$(BIN)/python -m pytest $(T)

pictures: system install pages browser ## take the README's picture anew
	$(BIN)/python -m pytest -q -n0 tests/pages/test_public.py -k comes_first
	@mkdir -p docs/pictures && cp test-results/public-desktop-en.png docs/pictures/public.png

matrix: system install pages browser ## try the people's journeys on desktop and phone, in both languages
	ZONES_PAGES_MATRIX=1 $(BIN)/python -m pytest tests/pages/test_journeys.py

laws: system install ## try the laws and the independent evaluator on ten times as many random worlds
	ZONES_LAW_EXAMPLES=10000 ZONES_RANDOM_QUESTIONS=200000 $(BIN)/python -m pytest tests/domain/test_laws.py tests/domain/test_evaluator.py \
	  tests/domain/test_heights_by_leg.py tests/formats/exports/test_never_milder.py

crashes: system install ## kill the service and its database sixty times while an authority publishes
	ZONES_CRASHES=60 $(BIN)/python -m pytest tests/journeys/test_crashes.py

openid: system install ## sign in at a certified OpenID provider (needs Node.js 18 or later, and npm)
	npm ci --prefix tests/openid --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/python -m pytest tests/test_openid_provider.py

fuzz: install ## try readers on bytes nobody thought of, S seconds each (R="document draft", all of tests/readers.py without)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@for reader in $(or $(R),$$(ls tests/corpus)); do \
	  echo "$$reader:"; $(BIN)/python scripts/fuzz.py $$reader --seconds $(or $(S),600) 2>&1 | tail -n 6 || exit 1; done

mutation: system install ## break the decision's rules one at a time and name what no test notices (M="outcome altitude")
	$(BIN)/python scripts/mutation.py $(M)

check: system install lint types imports openapi-check pages-check test ## everything that CI runs

system: ## install the Debian packages that are missing: PostgreSQL, PostGIS, Python's venv
	@sh scripts/install-system.sh

install: $(STAMP) ## make the Python environment from the lock file

$(STAMP): requirements/dev.txt pyproject.toml zones_api/__init__.py
	@echo "Making the Python environment in $(VENV) (about half a minute the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit("Python 3.11 or later is needed." if sys.version_info < (3, 11) else 0)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

pages: $(PAGES) ## build the web pages into the package (Node.js comes from PyPI)

browser: ## install the browser that the pages are tested in
	@sh scripts/install-system.sh chromium

$(NODE): requirements/web.txt $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/web.txt
	@touch $(NODE)

web/node_modules/.installed: web/package-lock.json $(NODE)
	@echo "Installing what the pages are built with …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web ci --ignore-scripts --loglevel=error
	@touch $@

$(PAGES): web/node_modules/.installed docs/openapi.json geodata/places/europe.csv $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/generated/*')
	@echo "Building the pages …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web run --silent build -- --logLevel warn
	@touch $@

pages-check: web/node_modules/.installed ## check the pages' types
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web run --silent check

lint: install ## check style and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## check the types
	$(BIN)/mypy

imports: install ## check that imports only point down
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

openapi: install ## write docs/openapi.json from the code
	$(BIN)/python scripts/openapi.py docs/openapi.json

openapi-check: install ## check that docs/openapi.json is what the code says
	$(BIN)/python scripts/openapi.py --check docs/openapi.json

lock: install ## resolve the lock files anew
	$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements/run.txt
	$(BIN)/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --group pyproject.toml:fuzz --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements/fuzz.txt
	$(BIN)/uv pip compile -q --group pyproject.toml:web --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements/web.txt

migration: system install ## write a migration from the change in store/schema.py (M="what it does")
	$(BIN)/python scripts/migration.py "$(M)"

package: install pages ## build the wheel into dist/
	@rm -rf dist
	$(BIN)/python -m hatchling build -t wheel

runtime: package ## make an environment of the wheel and its locked dependencies alone (RUNTIME=folder)
	@test -n "$(RUNTIME)" || { echo "Say where: make runtime RUNTIME=/opt/zones" >&2; exit 2; }
	$(PYTHON) -m venv $(RUNTIME)
	$(RUNTIME)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(RUNTIME)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps dist/*.whl

clean: ## remove the environment and caches (the private PostGIS stays)
	rm -rf $(VENV) dist zones_api/pages web/node_modules web/generated .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
