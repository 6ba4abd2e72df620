PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin
OUTPUT ?= runs/quickstart
COVERAGE ?=
KILLS ?= 20
MODEL ?= models:/devise@champion
SERVE_PORT ?= 5001

.DEFAULT_GOAL := help
.PHONY: help install run test test-cluster test-kills check format locks mlflow serve clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed ## make the virtual environment .venv with all that is needed

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

run: install ## run the whole pipeline on generated data; results in runs/quickstart
	$(BIN)/python pipeline.py data quickstart
	$(BIN)/python pipeline.py run --preset quickstart --output $(OUTPUT)

test: install ## run all tests, several at a time; COVERAGE=--cov prints what they cover
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(COVERAGE)

test-cluster: install ## run whole runs on the cluster that the environment names (CONTRIBUTING.md)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/cluster

test-kills: install ## kill whole runs at KILLS random moments (20), resume each, compare figures
	OMP_NUM_THREADS=1 KILLS=$(KILLS) $(BIN)/python -m pytest -s tests/e2e/test_kills.py

check: install ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy pipeline components tests

format: install ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

locks: install ## lock the packages of the images with their hashes, after a change of requirements
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	for file in docker/requirements-*.txt; do \
		$(BIN)/uv pip compile --quiet --no-config --generate-hashes --no-annotate \
			--python-version 3.11 --python-platform x86_64-manylinux_2_28 \
			--custom-compile-command 'make locks' \
			--constraints constraints.txt --constraints docker/requirements-build.txt \
			$$file --output-file docker/locked/$${file#docker/requirements-} || exit 1; \
	done

mlflow: install ## open the MLflow page of the runs here, on port 5000
	@test -s runs/mlflow.db || { echo 'No run is kept in runs/mlflow.db yet: make run'; exit 1; }
	$(BIN)/mlflow ui --backend-store-uri sqlite:///$(CURDIR)/runs/mlflow.db

serve: install ## serve MODEL (models:/devise@champion) on http://127.0.0.1:5001/invocations
	PATH="$(CURDIR)/$(BIN):$$PATH" MLFLOW_DISABLE_TELEMETRY=true \
	MLFLOW_TRACKING_URI="$${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/runs/mlflow.db}" \
		$(BIN)/mlflow models serve --env-manager local --host 127.0.0.1 --port $(SERVE_PORT) \
		--model-uri $(MODEL)

clean: ## remove what tests and checks left; runs/, data/ and the environment stay
	rm -rf .coverage .pytest_cache .mypy_cache .ruff_cache
