"""Disk images: what format a file has, what it refers to, and overlays that keep it as it is.

A small library of its own; it knows files, and nothing of jobs.
"""
