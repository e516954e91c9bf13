"""Counting how often a guest resets itself, to tell a reboot from a loop."""

_MOST_RESETS = 10
_LONG_LIFE_SECONDS = 30.0


class ResetCount:
    """The resets of one guest."""

    def __init__(self, most: int | None) -> None:
        """`most`: how many resets there may be; None: ten in a row none of which lived half a minute."""
        self.count = 0
        self._most = most
        self._last_at = 0.0

    def is_loop(self, at_seconds: float) -> bool:
        """Count a reset at `at_seconds` of the guest's life; whether it is one too many."""
        if self._most is None and at_seconds - self._last_at >= _LONG_LIFE_SECONDS:
            self.count = 0
        self.count += 1
        self._last_at = at_seconds
        return self.count >= _MOST_RESETS if self._most is None else self.count > self._most
