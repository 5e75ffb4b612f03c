# Every target is one verb of dev.py; without make, run `python3 dev.py VERB`.
PYTHON ?= python3
.PHONY: demo test check docs bench golden messages
demo: ; @$(PYTHON) dev.py demo
test: ; @$(PYTHON) dev.py test $(if $(QUICK),--quick)
check: ; @$(PYTHON) dev.py check
docs: ; @$(PYTHON) dev.py docs
bench: ; @$(PYTHON) dev.py bench
golden: ; @$(PYTHON) dev.py golden
messages: ; @$(PYTHON) dev.py messages
