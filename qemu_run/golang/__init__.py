"""What Go does with text, where Nomad shows through: durations, words, paths, patterns, versions."""
