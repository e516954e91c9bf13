"""Lengths of time as people say them."""

_SMALL = ((1e3, "ms"), (1e6, "us"), (1e9, "ns"))


def duration(seconds: float) -> str:
    """`0.3s`, `41s`, `2m05s`, `30m`, `1h02m`."""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m" + (f"{whole % 60:02}s" if whole % 60 else "")
    minutes = whole % 3600 // 60
    return f"{whole // 3600}h" + (f"{minutes:02}m" if minutes else "")


def limit(seconds: float) -> str:
    """The same of a time that was given: `20ms`, `1ns`, and `3s` as it was."""
    if 0 <= seconds < 60 and seconds == int(seconds):
        return f"{seconds:.0f}s"
    if not 0 < seconds < 0.1:
        return duration(seconds)
    per, unit = next((each for each in _SMALL if seconds * each[0] >= 1), _SMALL[-1])
    return f"{seconds * per:.3g}{unit}"
