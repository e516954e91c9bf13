"""Tree to value: an expression and the names it may use come in; a value and diagnostics go out."""
