"""How a run ended: the facts of an end, and what they mean."""
