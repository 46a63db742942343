# Two commands: `make report` (rendered pages of the bundled study) and `make test`.
# Both make the environment .venv from requirements.lock by themselves.

BIN := .venv/bin
READY := .venv/ready
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
# the first Python that is new enough: python3 may be an old one beside a newer
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help env report test lab lint format torture calibrate bench lock environment walesi published clean

help:
	@echo "make report       rendered pages of the bundled (synthetic) Walesi study, in ./report"
	@echo "make test         every test"
	@echo "make lab          JupyterLab in notebooks/"
	@echo "make lint         style of code"
	@echo "make env          only the environment .venv"
	@echo "make walesi       write data/walesi anew from its seed"
	@echo "make published    data/walesi/published.json from a run of today's code"
	@echo "make bench        timings, each beside a peer in the same run"
	@echo "make calibrate    bias and coverage over simulated worlds (slow)"
	@echo "make torture      random kills and other long trials (slow)"
	@echo "make lock         requirements.lock and environment.yml from pyproject.toml (needs uv)"

env: $(READY)

$(READY): requirements.lock pyproject.toml
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 || \
	  { echo "walesi_research needs Python 3.11 or newer$(if $(PYTHON),; $(PYTHON) is not,; none was found). Say where it is: make $(or $(MAKECMDGOALS),report) PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || \
	  { echo "This Python lacks its venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making .venv with $(PYTHON): a few minutes, the first time only."
	"$(PYTHON)" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: $(READY)
	@$(BIN)/walesi report

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

torture: $(READY)
	$(BIN)/python -m pytest -m torture -v

walesi: $(READY)
	rm -rf data/walesi
	$(BIN)/walesi simulate data/walesi --employees 160 --units 10 --quarters 12 --seed 20261124 -p leadership_selection=1.35
	$(MAKE) published

published: $(READY)
	$(BIN)/walesi verify data/walesi --save data/walesi/published.json

bench: $(READY)
	$(BIN)/python -m tests.benchmarks $(PARTS)

calibrate: $(READY)
	$(BIN)/python -m tests.calibration $(PARTS)

lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header --all-extras --python-version 3.11 pyproject.toml -o requirements.lock
	$(MAKE) environment

environment: $(READY)
	$(BIN)/python tests/packaging/environment_file.py > environment.yml

clean:
	rm -rf .venv report build dist
