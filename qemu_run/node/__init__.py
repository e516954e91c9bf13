"""This machine as Nomad would describe it: the host is looked at; attributes and verdicts on jobs go out."""
