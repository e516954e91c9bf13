"""Completion scripts, a module for each shell, made from the table of commands.

Words, options and files are completed by the shell itself. What only the program knows (attributes of this
machine, tasks and variables of the job on the line) it is asked for: `qemu-run __offers KIND WORD...`.
"""
