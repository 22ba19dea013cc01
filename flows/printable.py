"""Text from the input, made safe for a terminal; apart from the report, so that a command need not load that."""

import re

#: Characters that steer a terminal, a line or the direction of text rather than being part of it.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text with control, direction and surrogate characters written as escapes."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)
