"""`variable` and `locals` blocks: where values come from, and what a job file may refer to."""
