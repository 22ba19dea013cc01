"""Text from the input, made safe for where it is shown."""

import html
import re

#: Characters that steer a terminal, a line or the direction of text rather than being part of it.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

#: What could start markup or a link. Of entities the Prefect UI knows these five alone; all else takes a backslash.
_MARKUP = {character: f"\\{character}" for character in r"\`*_{}[]()#+-.!|~:@"}
_MARKUP |= {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_ESCAPED = str.maketrans(_MARKUP)


def printable(text: str) -> str:
    """The text with control, direction and surrogate characters written as escapes."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def in_html(text: str) -> str:
    """Text for HTML and SVG, in an element or a quoted attribute."""
    return html.escape(printable(text))


def in_markdown(text: str, limit: int = 500) -> str:
    """Text that markdown shows as it is: no character of it can have a meaning in markdown or HTML."""
    return printable(text)[:limit].translate(_ESCAPED)


def percent(part: float, whole: float) -> str:
    """A share in per cent, with one digit."""
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"
