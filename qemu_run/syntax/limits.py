"""How much of a text is read; counts, so that a file is refused everywhere or nowhere."""

DEEPEST = 100
"""How deep brackets, strings, conditionals and signs may be nested; no job written by people comes near."""

MOST_TOKENS = 150_000
"""A job of some 25,000 lines: what is more is not a job, and would only take long."""

MOST_VALUES = 40_000
"""How many values a text in JSON may hold, for the same reason."""

MOST_STEPS = 500
"""How many `.name` and `[key]` may follow one another."""
