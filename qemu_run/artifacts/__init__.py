"""Artifacts: where bytes come from, whether they are the right ones, and where they are kept.

A small library of its own; it knows addresses, digests and files, and nothing of jobs.
"""
