"""QEMU's command line as data: its options, what they name, who listens, what it says when it fails.

Tables and pure functions from text to records; nothing here starts QEMU or knows of jobs. `firmware` alone
reads files: the descriptors in the folder that it is given.

    own = read_own_options(read_args(("-m", "2G", "-vnc", ":1")))     own.memory_mb, own.listeners, ...
"""
