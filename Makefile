# `make demo` boots the guest that ships with the project; `make test` runs every test.
# Both install what they need (QEMU through apt, Python packages into .venv) and say so first.

.PHONY: demo test lint bench coverage

demo:
	@.ci/setup demo
	@.venv/bin/qemu-run examples/hello.nomad.hcl

test:
	@.ci/setup test
	.venv/bin/pytest -n 2 $(ARGS)

lint:
	@.ci/setup lint
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# What needs no guest from start to end, so that it is the same on every machine.
coverage:
	@.ci/setup test
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -n 2 tests --ignore tests/e2e --ignore tests/cli --ignore tests/guides
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report

bench:
	@.ci/setup test
	.venv/bin/python -m tests.bench $(ARGS)
