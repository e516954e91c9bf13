"""Job x Node -> Plan: everything is decided here, and nothing is changed.

What only the host knows (is this port free, what format has this file) comes in as an argument.
"""
