"""The date a dateline tells, whatever the language, script or calendar it is written in.

A line is brought to one spelling in Arrow kernels, the names of months in it become one character each, and
four shapes of a date (as RE2) are looked for; the leftmost is the date. Nothing is guessed: no year, no date.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tomllib import loads

import pyarrow as pa
import pyarrow.compute as pc
import re2

from tasks.strip.lines.fold import fold

_TIMESTAMP = pa.timestamp("us", tz="UTC")

_MONTHS_FILE = Path(__file__).with_name("months.toml")
_YEARS = range(1990, 2101)
#: The solar Hijri years that overlap with `_YEARS`. In them a year is leap by its place in a cycle of 33.
_SOLAR_YEARS = range(1368, 1480)
#: Years of an East Asian era are counted from here: 令和6年 is 2018 + 6.
_ERAS = {"令和": 2018, "平成": 1988, "民国": 1911, "民國": 1911}


def _letters(word: str) -> str:
    """A word without dots and spaces, which pages set as they like in "p. m."."""
    return word.replace(".", "").replace(" ", "")


#: Words that halve the day, to the first hour of their half: at night (17 on), 6 is 18:00 and 2 is 02:00.
_HALVES = {
    **dict.fromkeys(("a.m", "午前", "上午", "凌晨", "早上", "오전", "새벽", "सुबह", "पूर्वाह्न"), 0),
    **dict.fromkeys(("صباحا", "ص", "صبح", "ق.ظ", "π.μ", "утра", "pagi", "sang", "da manha"), 0),
    **dict.fromkeys(("中午", "दोपहर", "ظهرا", "ظهر", "дня", "siang", "trua"), 8),
    **dict.fromkeys(("p.m", "午後", "下午", "傍晚", "오후", "शाम", "अपराह्न", "مساء", "م", "عصر", "ب.ظ"), 12),
    **dict.fromkeys(
        ("بعدازظهر", "μ.μ", "вечера", "sore", "chieu", "toi", "o.o", "o.s", "da tarde", "de la tarde"), 12
    ),
    **dict.fromkeys(("晚上", "रात", "شب", "malam", "da noite", "de la noche"), 17),
}
#: Minutes east of UTC. "IST" and the like, which mean several zones, are left out and so count as UTC.
_ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "mez", "bst", "west"), 60),
    **dict.fromkeys(("cest", "mesz", "eet"), 120),
    **dict.fromkeys(("eest", "msk", "мск"), 180),
    **{"wib": 420, "wita": 480, "wit": 540, "jst": 540, "kst": 540},
    **{"est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420},
}

# A month is one control character, which no folded line holds: 1 to 12 Gregorian, 13 to 24 solar Hijri.
_MONTH = r"(?P<month>[\x01-\x18])(?: ?[/(] ?[\x01-\x18]\)?)?"  # Arabic gives two names: "تموز/يوليو"
_GAP = r"[ .,،、॰/'-]*"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|re|[oaeη°]|-?го|-?е)?"
_YEAR = r"(?P<year>\d{4})"
#: Each shape of a date, and what may follow it.
_SHAPES = tuple(
    re2.compile(rf"(?:^|\D)(?P<date>{shape})(?:{end}|$)")
    for shape, end in (
        # 2024-02-06, 2024. február 6., 2024年2月6日, 令和6年2月6日. What follows tells a day from an hour.
        (
            rf"(?:{_YEAR}|(?P<era>{'|'.join(_ERAS)}) ?(?P<nth>\d{{1,2}}|元))"
            rf"(?:{_GAP}[年년]?{_GAP}{_MONTH}{_GAP}| ?[./-] ?(?P<number>\d{{1,2}}) ?[./-] ?)"
            r"(?P<day>\d{1,2})",
            r"[^\d:h時时点點시]",
        ),
        (
            rf"{_DAY}{_GAP}(?:(?:de|del|do|d|of|من) ?)?{_GAP}{_MONTH}{_GAP}"
            rf"(?:(?:de|del|do|of|nam|عام|سنة|سال) ?)?{_YEAR}",
            r"\D",
        ),
        (rf"{_MONTH}{_GAP}(?:the )?{_DAY}{_GAP}(?:(?:de|del|of) ?)?{_YEAR}", r"\D"),
        (rf"(?P<first>\d{{1,2}}) ?(?P<mark>[./-]) ?(?P<second>\d{{1,2}}) ?[./-] ?{_YEAR}", r"\D"),
    )
)

_HALF_STARTS = {_letters(word): first for word, first in _HALVES.items()}
_HALF = "|".join(word.replace(".", r"\.? ?") for word in sorted(_HALVES, key=len, reverse=True))
_UNIT = r" ?(?:h|u|ч|gio|uhr|uur|[時时点點시])"
_HOUR = rf"(?:(?:^|[ .,|()•·日일-])(?P<before>{_HALF}) ?)?(?P<hour>\d{{1,2}})"
_REST = (
    rf"(?: ?(?:min|uhr|uur|hr?s?|[分분]))?(?: ?(?P<after>{_HALF})(?:[ .,|()•·-]|$))?"
    r"(?:[ (,|]{0,3}(?P<zone>[a-zмск]{1,4}))? ?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?"
)
_CLOCK = rf"{_HOUR}(?::|{_UNIT} ?)(?P<minute>\d{{1,2}})(?::(?P<second>\d{{2}})(?:[.,]\d+)?)?{_REST}"
# A time with a dot, or of an hour alone, could be part of another date: it must stand closer to its date.
_NEAR = r"[ ,.|•·-]{0,4}(?:[a-z]{1,6}[. ]{1,2})?"
#: A time after the date, and one before it.
_TIMES_AFTER = tuple(
    re2.compile(rf"^{time}(?:[^\d.:/-]|[.:/-](?:\D|$)|$)")
    for time in (
        rf"[^\d:]{{0,24}}?{_CLOCK}",
        rf"{_NEAR}{_HOUR}\.(?P<minute>\d{{2}}){_REST}",
        rf"{_NEAR}{_HOUR}(?P<unit>{_UNIT})?{_REST}",
    )
)
_TIME_BEFORE = re2.compile(rf"(?:^|[^\d:./-]){_CLOCK}[^\d:]{{0,24}}$")


def parse_datelines(lines: pa.LargeStringArray | Sequence[str | None]) -> pa.Array:
    """The date and time each line tells first, as timestamp[us, UTC]; null where there is none for certain.

    A time is optional, and UTC where no zone is given. A date without a year is null, as is 03/04/2023, which
    could be of March or of April. Years run from 1990 to 2100.
    """
    column = lines if isinstance(lines, pa.Array) else pa.array(lines, pa.large_string())
    distinct = column.dictionary_encode()
    names, words = _months()
    spelled = pa.array(spell(distinct.dictionary.to_pylist()), pa.large_string())
    # Zeros are set around each word, so that every second piece is one.
    apart = pc.replace_substring_regex(spelled, words, "\0\\0\0")
    dates = []
    for line in apart.to_pylist():
        pieces = line.split("\0")
        pieces[1::2] = [names.get(_letters(word), word) for word in pieces[1::2]]
        dates.append(_parse("".join(pieces)))
    return pa.array(dates, _TIMESTAMP).take(distinct.indices)


def spell(lines: Sequence[str]) -> list[str]:
    """Folded lines without accents and with our digits, so that "FÉVR.", "fevr" and "févr." are one."""
    digits = ("".join(str(int(c)) if c.isdecimal() else c for c in line) for line in lines)
    folded = fold(pc.utf8_normalize(pa.array(digits, pa.large_string()), form="NFKC"))
    spelled = pc.utf8_normalize(folded, form="NFD")
    # Accents, and the Devanagari nukta; then Turkish and Greek letters whose case does not come back.
    for pattern, replacement in ((r"[\x{0300}-\x{036F}\x{093C}]+", ""), ("ı", "i"), ("ς", "σ")):
        spelled = pc.replace_substring_regex(spelled, pattern, replacement)
    result: list[str] = pc.utf8_normalize(spelled, form="NFC").to_pylist()
    return result


@cache
def _months() -> tuple[dict[str, str], str]:
    """Names of the months, without spaces, to their character; and the regex of what could be such a name."""
    table = loads(_MONTHS_FILE.read_text(encoding="utf-8"))
    months = table["gregorian"] + table["solar_hijri"]
    names = {name: chr(number) for number, month in enumerate(months, 1) for name in month}
    first_words = "|".join({name.split()[0] for name in names if " " in name})
    # "3 月" is March, but "3 月曜" a three before a Monday.
    words = rf"\d+ ?(?:月曜|월요)|\d{{1,2}} ?[月월]|(?:thang|thg) ?\d{{1,2}}|(?:(?:{first_words}) )?[\pL\pM]+"
    return {_letters(name): character for name, character in names.items()}, words


def _parse(line: str) -> dt.datetime | None:
    shapes = [match for shape in _SHAPES if (match := shape.search(line))]
    if not shapes:
        return None
    found = min(shapes, key=lambda match: match.start(1))
    date = _date(_groups(found))
    if date is None:
        return None
    places = [(line[found.end(1) :], pattern) for pattern in _TIMES_AFTER]
    places.append((line[: found.start(1)], _TIME_BEFORE))
    times = (_time(_groups(m)) for text, pattern in places if text and (m := pattern.search(text)))
    time = next((time for time in times if time is not None), dt.timedelta())
    return dt.datetime.combine(date, dt.time(), dt.UTC) + time


def _groups(match: "re2._Match") -> dict[str, str]:
    """Named groups that took part in a match."""
    return {name: text for name, text in zip(_names(match.re), match.groups(), strict=True) if text}


@cache
def _names(pattern: "re2._Regexp") -> tuple[str, ...]:
    """A pattern's groups in order; all have names. Asking the pattern takes longer than matching does."""
    return tuple(sorted(pattern.groupindex, key=pattern.groupindex.__getitem__))


def _date(found: dict[str, str]) -> dt.date | None:
    """The date of a shape's groups; None if there is no such day, or two could be meant."""
    year = (
        _ERAS[found["era"]] + int(found["nth"].replace("元", "1")) if "era" in found else int(found["year"])
    )
    if "month" in found:
        month, day = ord(found["month"]), int(found["day"])
    else:
        month, day = _month_and_day(found)
        if month not in range(1, 13):
            return None
        month += 12 if year in _SOLAR_YEARS else 0
    try:
        date = _from_solar(year, month - 12, day) if month > 12 else dt.date(year, month, day)
    except ValueError:
        return None
    return date if date.year in _YEARS else None


def _month_and_day(found: dict[str, str]) -> tuple[int, int]:
    """Month and day of a date in numbers; zeros where either could be the other."""
    if "number" in found:
        return int(found["number"]), int(found["day"])
    day, month = int(found["first"]), int(found["second"])
    if found["mark"] != "/" or day > 12 or day == month:
        return month, day
    return (day, month) if month > 12 else (0, 0)


def _from_solar(year: int, month: int, day: int) -> dt.date:
    """The Gregorian date of a solar Hijri one; ValueError if there is no such day.

    Six months have 31 days, five have 30, the last has 29 or 30.
    """
    if year not in _SOLAR_YEARS:
        raise ValueError(f"{year} is not a solar Hijri year of our time")
    start = _nowruz(year)
    days = 31 if month <= 6 else 30 if month < 12 else (_nowruz(year + 1) - start).days - 336
    if not 1 <= day <= days:
        raise ValueError(f"no day {day} in month {month} of {year}")
    return start + dt.timedelta(31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1)


def _nowruz(year: int) -> dt.date:
    """New year's day, counted from that of 1400; 340 leap days are before it, eight in each 33 years."""
    return dt.date(2021, 3, 21) + dt.timedelta(365 * (year - 1400) + (8 * year + 21) // 33 - 340)


def _time(found: dict[str, str]) -> dt.timedelta | None:
    """The time since midnight UTC of a clock's groups; None if no clock shows it."""
    half = found.get("before") or found.get("after")
    hour, minute, second = (int(found.get(part, 0)) for part in ("hour", "minute", "second"))
    told = half or "minute" in found or "unit" in found  # a bare number is no hour
    if not told or hour > 23 or minute > 59 or second > 59:
        return None
    if half and hour <= 12:
        first = _HALF_STARTS[_letters(half)]
        hour = (first + (hour - first) % 12) % 24
    offset = _offset(found.get("zone", ""), found.get("offset", ""))
    return dt.timedelta(hours=hour, minutes=minute - offset, seconds=second)


def _offset(zone: str, offset: str) -> int:
    """Minutes east of UTC of "cet", of "gmt" and "+7", or of "+02:00"; 0 for a zone that is not known."""
    if not offset or zone not in ("", "gmt", "utc"):
        return _ZONES.get(zone, 0)
    digits = offset[1:].replace(":", "")
    size = int(digits) * 60 if len(digits) <= 2 else int(digits[:-2]) * 60 + int(digits[-2:])
    return 0 if size > 14 * 60 else -size if offset[0] == "-" else size
