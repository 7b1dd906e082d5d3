# Everything starts here: `make help` lists what can be done.
PYTHON ?= python3
BIN := .venv/bin
ENV := .venv/.ready
BOOK := _build/html/index.html
# All that the book is made of; folders are listed too, so that a deleted file counts as a change.
INPUTS := _config.yml _toc.yml $(addprefix lib/casebook/,page.py ledger.py claims.py) $(wildcard notebooks/*.ipynb) $(shell find book/. data/.)

.PHONY: help book test casebook notebooks bench lab lock clean

help: ## list these commands
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

book: $(BOOK) ## build the book and print the page to open
	@$(BIN)/python -m casebook.page

test: $(ENV) ## run every test: library, data, notebooks
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

casebook: $(ENV) ## put the program casebook into .venv/bin, to run chapters on your own regions
	@$(BIN)/casebook --help

notebooks: $(ENV) ## execute the chapters anew from notebooks/text
	$(BIN)/python -m casebook.execute

bench: $(ENV) ## time the library
	$(BIN)/python tests/benchmark.py

lab: $(ENV) ## open JupyterLab on the chapters
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks

lock: $(ENV) ## choose the versions in requirements.lock anew, after a change in pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras \
	  --custom-compile-command "make lock" -o requirements.lock pyproject.toml

clean: ## remove everything that the commands above made
	rm -rf _build .venv .pytest_cache .hypothesis lib/*.egg-info
	find lib tests notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# Sphinx shows a warning only while it reads a page: always build whole, and keep nothing of a failed build.
$(BOOK): $(ENV) $(INPUTS)
	@rm -rf _build/html _build/.doctrees _build/jupyter_execute
	$(BIN)/jb build -W --keep-going . || { rm -rf _build/html; exit 1; }

# uv comes by pip, and everything else by uv, each checked against the hashes of the lock.
$(ENV): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "This needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian: apt install python3-venv)."; \
	  echo "Found: $$($(PYTHON) --version 2>&1). To use another one: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	awk '/^uv==/{on=1} on{print} on&&!/\\$$/{exit}' requirements.lock > .venv/uv.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
