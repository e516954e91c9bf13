"""What a terminal shows, as an SVG that every renderer draws alike: no style sheets, no fonts from the web.

Each run of text stands at its column and is as wide as its columns, whatever the font.
"""

import re
from collections.abc import Iterator
from html import escape, unescape

_WIDTH, _HEIGHT, _MARGIN, _SIZE = 8.4, 19, 18, 14
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
_GROUND, _TEXT, _FAINT = "#16191d", "#d7dade", "#8d949c"
_LOOKS = {"0": "", "1": ' fill="#ffffff" font-weight="bold"', "2": f' fill="{_FAINT}"'}
"""SVG's attributes for the styles of a run that ends as it was asked to."""
_STYLE = re.compile(r"\x1b\[(\d+)m")
_WORDS = re.compile(r"\S+(?: \S+)*")
"""Text without two blanks in a row, which SVG would make one of."""


def picture(said: str, columns: int, title: str) -> str:
    """The SVG of what was said, styles included, on a terminal of so many columns."""
    lines = said.rstrip().splitlines()
    width, height = columns * _WIDTH + 2 * _MARGIN, len(lines) * _HEIGHT + 2 * _MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:g}" height="{height}" rx="8" fill="{_GROUND}"/>',
        f'<g font-family="{_FONTS}" font-size="{_SIZE}" fill="{_TEXT}">',
    ]
    for number, line in enumerate(lines):
        y = _MARGIN + number * _HEIGHT + _SIZE
        drawn += [
            f'<text x="{_MARGIN + column * _WIDTH:g}" y="{y}" textLength="{len(text) * _WIDTH:g}"{look}>'
            f"{escape(text, quote=False)}</text>"
            for column, text, look in _runs(line)
        ]
    return "\n".join([*drawn, "</g>", "</svg>", ""])


def words(svg: str) -> list[str]:
    """The texts of a picture, in their order."""
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def _runs(line: str) -> Iterator[tuple[int, str, str]]:
    """The column, the text and the look of each piece of a line."""
    begun, look = 0, ""
    for number, part in enumerate(_STYLE.split(line)):
        if number % 2:
            look = _LOOKS[part]
            continue
        for match in _WORDS.finditer(part):
            yield begun + match.start(), match[0], look
        begun += len(part)
