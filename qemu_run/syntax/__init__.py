"""Text to tree: a file in HCL or its JSON form comes in; nodes with their places, and diagnostics, go out."""
