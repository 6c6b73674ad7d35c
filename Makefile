# Everything a person types. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run staff test demo words pictures lock clean audit golden bench reliability security
MAKEFLAGS += --no-print-directory

PORT ?= 8000
FLASK = .venv/bin/flask --app wsgi

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## set up what is missing, then serve on 127.0.0.1 (PORT=8000)
	@sh setup/prepare.sh
	@$(FLASK) intake init
	@INTAKE_PORT=$(PORT) exec .venv/bin/gunicorn wsgi:app

staff: ## add a staff account
	@$(FLASK) intake add-staff

test: ## set up what tests need, then run every check
	@sh setup/prepare.sh --tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djlint templates --check
	.venv/bin/djlint templates --lint
	$(if $(CI),INTAKE_REQUIRE_ALL=1) .venv/bin/python -m pytest --numprocesses logical --dist loadgroup

reliability: ## kill, fill, cut off and restart everything, and count what is lost (30 minutes)
	@sh setup/prepare.sh --reliability
	$(if $(CI),INTAKE_REQUIRE_ALL=1) INTAKE_TEST_RELIABILITY=full \
		.venv/bin/python -m pytest tests/reliability tests/unit/store/test_migrations.py

demo: ## load synthetic patients to look at
	@sh setup/prepare.sh
	@$(FLASK) intake init
	@$(FLASK) intake demo

words: ## bring translations up to date (LANGUAGE=fr begins another one)
	@sh setup/prepare.sh
	@.venv/bin/python setup/words.py $(LANGUAGE)

audit: ## check HTML and speed with Nu and Lighthouse (needs Node, Java, Chromium)
	@sh setup/prepare.sh --tests
	@.venv/bin/python setup/audit/run.py

security: ## scan source and running pages with semgrep, wapiti, sqlmap (20 minutes)
	@sh setup/prepare.sh --tests
	@.venv/bin/python setup/security/run.py

pictures: ## draw the pictures of the README and of docs/
	@sh setup/prepare.sh --tests
	@.venv/bin/python setup/pictures.py

golden: ## write the golden texts of the PDF again (PICTURES=1 draws them too)
	@sh setup/prepare.sh --tests
	@.venv/bin/python -W ignore -m tests.golden $(if $(PICTURES),--pictures)

bench: ## measure speed, size and memory beside their floors (QUICK=1: in short)
	@sh setup/prepare.sh --tests
	@.venv/bin/python -W ignore -m tests.bench $(if $(QUICK),--quick) $(PARTS)

lock: ## pin every package again, with its hashes
	@sh setup/lock.sh

clean: ## remove what set-up made; answers, keys and clinics stay
	rm -rf .venv static/vendor build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
