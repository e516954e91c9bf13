"""Guests that ship with the project: for the first minute of a newcomer, and for hundreds of tests."""
