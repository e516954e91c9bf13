"""Go's text/template with consul-template's functions that need no server. It knows nothing of jobs.

A template can do nothing but make text. Source: the documentation of Go's package text/template, of
consul-template and of sprig; what they do where the documents are silent was asked of the programs.
"""
