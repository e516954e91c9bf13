"""What Go does with text, where Nomad shows through to its users: durations and versions."""
