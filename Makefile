# Two commands matter: `make demo` and `make test`. Both set up a virtual environment of their own first.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-long check bench docs clean

demo: $(READY)
	$(BIN)/tumorboard demo -o out/demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 -q

# The same tests with many more random examples.
test-long: $(READY)
	TUMORBOARD_LONG=1 HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n 2 -q

# Style, strict types on src/, and the one-way flow between the folders.
check: $(READY)
	$(BIN)/ruff check src tests bench docs
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/web.py
	$(BIN)/python bench/liver.py
	$(BIN)/python bench/mechanism.py
	$(BIN)/python bench/cohort_making.py
	$(BIN)/python bench/cohort.py
	$(BIN)/python bench/cohort_import.py
	$(BIN)/python bench/reported_statistics.py
	$(BIN)/python bench/reading.py
	$(BIN)/python bench/reading_accuracy.py tests/reading/gold

docs: $(READY)
	$(BIN)/python docs/build_language.py
	$(BIN)/python docs/build_mechanism.py
	TUMORBOARD_SCREENSHOTS=docs/images $(BIN)/python -m pytest -q tests/browser/test_screenshots.py \
		tests/browser/test_consensus_journey.py
	$(BIN)/python docs/build_site.py out/site

# `python3 -m venv` alone needs Debian's python3-venv; without pip inside it does not, and the outer pip fills it.
$(READY): pyproject.toml constraints.txt
	python3 -m venv --without-pip $(VENV)
	python3 -m pip --python $(BIN)/python install -q -c constraints.txt -e '.[all,test]'
	$(BIN)/python -m compileall -q src  # as pip does with what is not editable: a start need not compile it again
	touch $@

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
