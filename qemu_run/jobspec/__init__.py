"""Tree to job: a job file and the values of its variables come in; a typed `Job` and diagnostics go out."""
