"""Nomad's API form of a job: read from JSON, with defaults filled in, made into the model."""
