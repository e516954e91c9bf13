"""The word that somebody meant."""

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` begins, or that is closest to it; None when nothing is close."""
    words, word = list(known), word.lower()
    begun = [each for each in words if each.startswith(word)] if len(word) > 1 else []
    if len(begun) == 1:
        return begun[0]
    from difflib import get_close_matches

    close = get_close_matches(word, words, n=1, cutoff=0.6)
    return close[0] if close else None
