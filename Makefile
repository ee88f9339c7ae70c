# make lab · make test · make help
PYTHON ?= python3
VENV   ?= .venv
PY     := $(VENV)/bin/python
CPU    := $(shell test "$$(uname -sm)" = "Linux x86_64" && ! test -e /dev/nvidia0 && echo --cpu)
ROOT   := $(shell test "$$(id -u)" = 0 && echo --allow-root) # as in a container
READY  := $(VENV)/.ready data/archives/.ready
COMPILE := $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode) # as in many containers, where each import would compile again
SIDE   := -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder # files side by side, one thread each, in their order
.DELETE_ON_ERROR:

.PHONY: help lab test test-jax test-torch test-colab chapters-jax chapters-torch smoke-torch smoke-full run full tune export colab bench \
	site site-check lab-check mutants spoiled
help:                  ## what there is
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p; s/^\([a-z-]* [a-z-]*\): [a-z-]*-%:.*##/\1:/p' Makefile

lab: $(READY)          ## work through the course in JupyterLab
	$(PY) -m jupyterlab --notebook-dir=. --LabApp.default_url=/lab/tree/chapters $(ROOT)

test: $(READY)         ## lint, unit tests, every chapter under strict nbval
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pytest $(SIDE)

run: $(READY)          ## execute every chapter and store its outputs
	$(PY) -m utils.build.notebooks run

full: $(READY)         ## make full CHAPTER=4_0: run a chapter at full scale, record it
	$(PY) -m utils.build.full "$(CHAPTER)"

tune: $(READY)         ## make tune CHAPTER=4_0 SCALE=small: choose its learning rates again
	$(PY) -m benchmarks.tuning.c$(CHAPTER) $(SCALE)

export: $(READY)       ## write what the chapters export: utils/layers, the README's table
	$(PY) -m utils.build.notebooks export

bench: $(READY) .venv-jax/.ready   ## time the layers against the built-ins (an idle machine, please)
	for file in benchmarks/*.py; do $(PY) -m benchmarks.$$(basename $$file .py) || exit 1; done
	.venv-jax/bin/python -m benchmarks.several_devices
	KERAS_BACKEND=jax .venv-jax/bin/python -m benchmarks.table

mutants: $(READY)      ## break every layer in named ways, and see that its tests fail (three hours)
	$(PY) -m tests.layers.mutations

spoiled: $(READY)      ## make a researcher's mistake in each chapter, and see that it notices (half an hour)
	$(PY) -m tests.mechanics.spoiled $(CHAPTER)

colab: $(READY)        ## make colab URL=https://…: stamp badges, setup cells, README; URL= takes them off
	$(PY) -m utils.build.notebooks colab "$(URL)"

# Appendix B needs JAX, so `make test` skips it, and it is run here.
test-jax test-torch: test-%: .venv-%/.ready data/archives/.ready   ## layer tests on JAX, on PyTorch
	KERAS_BACKEND=$* .venv-$*/bin/python -m pytest $(SIDE) -m layers tests
	$(if $(filter jax,$*),.venv-jax/bin/python -m pytest chapters/B_several_devices.ipynb)

chapters-jax chapters-torch: chapters-%: .venv-%/.ready data/archives/.ready   ## every chapter under strict nbval there
	KERAS_BACKEND=$* .venv-$*/bin/python -m pytest $(SIDE) --nbval-cell-timeout=3000 chapters

smoke-torch: .venv-torch/.ready data/archives/.ready   ## two steps of every training, on PyTorch
	KERAS_BACKEND=torch COURSE_SCALE=small .venv-torch/bin/python -m utils.build.smoke $(CHAPTER)

smoke-full: $(READY)   ## two steps of every training, at full scale
	COURSE_SCALE=full $(PY) -m utils.build.smoke $(CHAPTER)

test-colab: .venv-colab/.ready data/archives/.ready   ## everything on Colab's versions
	.venv-colab/bin/python -m pytest $(SIDE)

site: .venv-site/.ready  ## build the course as a web book: site/_build/html/index.html
	.venv-site/bin/python site/pages.py
	.venv-site/bin/python -m sphinx -q -W --keep-going -E -c site site/_build/source site/_build/html

site-check: site       ## look at every page of the book in a browser (Chromium)
	.venv-site/bin/python site/check.py

lab-check: $(READY) .venv-site/.ready   ## make lab-check CHAPTER=4_0: a chapter in JupyterLab, in a browser
	.venv-site/bin/python site/lab.py $(PY) $(CHAPTER)

data/archives/.ready: data/requirements.txt | $(VENV)/.ready
	$(PY) -m data
	touch $@

# A .venv is updated in place, and only one that was made here: it may hold more by now.
.venv/.ready: EXTRA =
.venv-jax/.ready: EXTRA = --with jax
.venv-torch/.ready: EXTRA = --with torch
.venv-colab/.ready: EXTRA = --colab
.venv-site/.ready: EXTRA = --site
%/.ready: environment.yml utils/build/requirements.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "The course needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12")'
	@if test -L $* || { test -e $* && ! test -e $*/.rnn-course; }; then \
	echo "$* was not made by this Makefile, so it is left alone. Move it away, or name another place: make VENV=.venv-course" >&2; exit 1; fi
	@mkdir -p $* && touch $*/.rnn-course
	@$*/bin/python -c '' 2>/dev/null || { rm -rf $*/bin $*/lib $*/lib64 $*/include $*/pyvenv.cfg; $(PYTHON) -m venv $*; }
	$*/bin/python utils/build/requirements.py $(CPU) $(EXTRA) > $*/requirements.txt
	$*/bin/python -m pip install --quiet --disable-pip-version-check uv || true
	@if $*/bin/python -m uv --version >/dev/null 2>&1 && test "$(EXTRA)" != "--with torch"; \
	then UV_PYTHON_DOWNLOADS=never $*/bin/python -m uv pip install --quiet $(COMPILE) --python $*/bin/python -r $*/requirements.txt; \
	else $*/bin/python -m pip install --quiet --disable-pip-version-check -r $*/requirements.txt; \
	fi || { echo "The packages could not be installed. Is there a network? Run the command again when there is." >&2; exit 1; }
	touch $@
