"""The line from a job file to an outcome, as functions: read, plan, run. Nothing here draws or exits."""
