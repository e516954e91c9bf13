"""consul-template's functions, sprig's, and those of Go itself, by what they are about."""
