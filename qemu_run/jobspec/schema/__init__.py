"""Which block may hold what, as data: Nomad's job specification, block by block."""
