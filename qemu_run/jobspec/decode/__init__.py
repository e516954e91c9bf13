"""A file's body becomes Nomad's API form, by the schema, each value with its place."""
