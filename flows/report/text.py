"""Text from the input, made safe for where it is shown."""

import html

from flows.printable import printable

#: What could start markup or a link. Of entities the Prefect UI knows these five alone; all else takes a backslash.
_MARKUP = {character: f"\\{character}" for character in r"\`*_{}[]()#+-.!|~:@"}
_MARKUP |= {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_ESCAPED = str.maketrans(_MARKUP)


def in_html(text: str) -> str:
    """Text for HTML and SVG, in an element or a quoted attribute."""
    return html.escape(printable(text))


def in_markdown(text: str, limit: int = 500) -> str:
    """Text that markdown shows as it is: no character of it can have a meaning in markdown or HTML."""
    return printable(text)[:limit].translate(_ESCAPED)


def percent(part: float, whole: float) -> str:
    """A share in per cent, with one digit."""
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"
