"""The point in time that a field of the input stands for."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Mon, 06 May 2024 10:00:00 +0200: Python's parser takes other things for dates as well.
_RFC_822 = re.compile(r"(?:[a-z]{3,9}, *)?\d{1,2} [a-z]{3,9} \d{4} \d{1,2}:\d\d", re.IGNORECASE)
#: 2024-05-06 08:00:00 UTC, as databases print it.
_UTC = re.compile(r"(:\d\d(?:\.\d+)?) (?:UTC|GMT)", re.ASCII)
#: Seconds and milliseconds since 1970, as they have been since 2001.
_DIGITS = re.compile(r"\d{10}(?:\d{3})?", re.ASCII)
#: From here on a number is of milliseconds: as seconds it would be beyond the year 5000.
_MILLISECONDS = 10**11
_FIRST_YEAR = 1990


def instant(value: object) -> datetime | None:
    """The time in UTC, which is also what it is taken for where it names no zone; None for what is no time.

    `value`: a datetime, a date of ISO 8601 or RFC 822, or seconds or milliseconds since 1970. These are taken for a
    time only from 1990 to the end of next year.
    """
    try:
        if isinstance(value, str):
            value = _parsed(value.strip())
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = _counted(value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return None


def written(text: str) -> datetime:
    """The time that a date of ISO 8601 or RFC 822 tells, in its zone if it names one. Raises ValueError, and
    OverflowError for a zone out of this world."""
    if _RFC_822.match(text):
        return parsedate_to_datetime(text)
    return datetime.fromisoformat(_UTC.sub(r"\1Z", text))


def _parsed(text: str) -> datetime | int:
    return int(text) if _DIGITS.fullmatch(text) else written(text)


def _counted(number: float) -> datetime | None:
    time = datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
    return time if _FIRST_YEAR <= time.year <= datetime.now(UTC).year + 1 else None
