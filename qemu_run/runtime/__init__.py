"""The only part that starts things and changes the host."""
