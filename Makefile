# `make demo` boots the guest that ships with the project; `make test` runs every test.
# Both install what they need (QEMU through apt, Python packages into .venv) and say so first.

.PHONY: demo test lint bench

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

bench:
	@.ci/setup test
	.venv/bin/python -m tests.bench $(ARGS)
