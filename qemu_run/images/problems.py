"""The one exception of this library."""


class ImageError(Exception):
    """A file that is not an image to start from, or one that reaches for what it should not have."""

    def __init__(self, summary: str, *, detail: str = "", cure: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        """The fact: lower case, no full stop."""
        self.detail = detail
        """The file, and what was found in it."""
        self.cure = cure
        """What to do about it."""
