"""`python -m qemu_run`."""

from qemu_run.cli.main import main

main()
