# The first Python that fits; one that is named makes .venv anew where that is of another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -Bc 'import install; install.check_python(install.OWN)' 2> /dev/null \
	&& echo $$name && break; done)
ANY_PYTHON := $(if $(filter file,$(origin PYTHON)),--any-python)
BIN := .venv/bin
OUTPUT ?= runs/quickstart
COVERAGE ?=
KILLS ?= 20
UPGRADE ?=
MODEL ?= models:/devise@champion
SERVE_PORT ?= 5001
LOCKED = $(UPGRADE) --quiet --generate-hashes --no-annotate --python-version 3.11 --custom-compile-command 'make locks'

.DEFAULT_GOAL := help
.PHONY: help install run test test-gpu test-cluster test-kills check format docs locks mlflow serve clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: ## make the virtual environment .venv with all that is needed
	@test -n '$(PYTHON)' || { echo 'No Python 3.11, 3.12 or 3.13 is here: install one, or name one that lies elsewhere: make install PYTHON=/path/to/python'; exit 1; }
	@$(PYTHON) install.py $(ANY_PYTHON)

run: install ## run the whole pipeline on generated data; results in runs/quickstart
	$(BIN)/python pipeline.py data quickstart
	$(BIN)/python pipeline.py run --preset quickstart --output $(OUTPUT)

test: install ## run all tests, several at a time; COVERAGE=--cov prints what they cover
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(COVERAGE)

test-gpu: install ## run what needs a GPU, and the tests of the stages with networks on it
	$(BIN)/python -m pytest -m gpu tests/components
	$(BIN)/python -m pytest -m 'not gpu' tests/components/pretrain_visual \
		tests/components/train_devise tests/components/embed_images \
		tests/components/fit_baselines tests/components/rank_images tests/components/evaluate \
		tests/components/register_model \
		tests/components/shared/images tests/components/shared/networks tests/components/shared/ranking

test-cluster: install ## run whole runs on the cluster that the environment names (CONTRIBUTING.md)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/cluster

test-kills: install ## kill whole runs at KILLS random moments (20), resume each, compare figures
	OMP_NUM_THREADS=1 KILLS=$(KILLS) $(BIN)/python -m pytest -s tests/e2e/test_kills.py

check: install ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy install.py docs/hook.py pipeline components benchmarks tests

format: install ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## build the site of docs/ in build/site, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

locks: install ## lock all packages with their hashes; UPGRADE=--upgrade takes the newest versions
	$(BIN)/uv pip compile $(LOCKED) --universal --fork-strategy fewest --no-sources \
		pyproject.toml --extra dev --output-file locked.txt
	sed -n 's/^\([a-zA-Z][^ ]*==[^\\]*[^ \\]\) *\\$$/\1/p' locked.txt > constraints.txt
	for file in docker/requirements-*.txt; do \
		$(BIN)/uv pip compile $(LOCKED) --python-platform x86_64-manylinux_2_28 --no-config \
			--constraints locked.txt $$file --output-file docker/locked/$${file#docker/requirements-} || exit 1; \
	done

mlflow: install ## compare the runs here, and serve their MLflow pages on port 5000
	@test -s runs/mlflow.db || { echo 'No run is kept in runs/mlflow.db yet: make run'; exit 1; }
	-$(BIN)/python pipeline.py compare
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow ui --workers 1 \
		--backend-store-uri sqlite:///$(CURDIR)/runs/mlflow.db

serve: install ## serve MODEL (models:/devise@champion) on http://127.0.0.1:5001/invocations
	PATH="$(CURDIR)/$(BIN):$$PATH" MLFLOW_DISABLE_TELEMETRY=true \
	MLFLOW_TRACKING_URI="$${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/runs/mlflow.db}" \
		$(BIN)/mlflow models serve --env-manager local --host 127.0.0.1 --port $(SERVE_PORT) \
		--model-uri $(MODEL)

clean: ## remove what tests and checks left; runs/, data/ and the environment stay
	rm -rf .coverage .pytest_cache .mypy_cache .ruff_cache
