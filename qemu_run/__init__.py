"""Run a Nomad-style HCL job file with the qemu driver on this machine, in the foreground."""

__version__ = "0.1.0"
