"""What Go takes for white space, and for true and false.

Source: `unicode.IsSpace` and `strconv.ParseBool` of Go's standard library.
"""

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What `strings.TrimSpace` cuts off: a little less than Python's str.strip."""

TRUE_WORDS = frozenset({"1", "t", "T", "true", "True", "TRUE"})
FALSE_WORDS = frozenset({"0", "f", "F", "false", "False", "FALSE"})


def parse_bool(text: str) -> bool | None:
    """The truth value that `text` is a word for in Go; None for any other text."""
    if text in TRUE_WORDS:
        return True
    return False if text in FALSE_WORDS else None
