"""The rules that a job must keep beyond its syntax: Nomad's own, and the qemu driver's."""
