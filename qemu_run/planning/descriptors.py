"""Where QEMU finds its connections to us: fixed descriptors, so that a plan can show the exact command."""

CONSOLE_FD = 900
"""Its end of the console."""
MONITOR_FD = 901
"""Its end of the monitor."""
