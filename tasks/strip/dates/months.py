"""Writes months.toml, the names of the months as `tasks.strip.dates` reads them.

    python -m tasks.strip.dates.months > tasks/strip/dates/months.toml

Needs babel, which a run does not: its locale data take longer to load than a batch's datelines to parse.
"""

import sys

from babel.dates import get_month_names

from tasks.strip.dates.datelines import spell

#: Regions whose months differ (the Levant's, the Maghreb's, Austria's) stand beside their language.
_LOCALES = (
    "en", "en_GB", "de", "de_AT", "fr", "fr_CA", "es", "es_UY", "pt", "it", "nl", "pl", "ru", "uk",
    "tr", "ar", "ar_LB", "ar_MA", "ar_TN", "fa", "zh", "ja", "ko", "hi", "id", "vi", "sv", "el",
    "cs", "ro", "hu", "da", "nb", "fi",
)  # fmt: skip
#: Spellings that pages use and CLDR lacks.
_ALSO: dict[int, tuple[str, ...]] = {
    1: ("jänner", "jän", "янв", "ینایر", "جنوری"),
    2: ("feber", "febr", "fev", "фев", "peb", "pebruari", "فوریه"),
    3: ("mrz", "märz", "мар"),
    4: ("апр", "نيسان"),
    5: ("ماي",),
    6: ("июн", "जुन"),
    7: ("июл",),
    8: ("авг", "agt", "ags", "agust"),
    9: ("sept", "set", "setiembre", "сен", "सितम्बर"),
    10: ("окт", "अक्टूबर"),
    11: ("ноя", "नवम्बर", "nopember"),
    12: ("дек", "दिसम्बर"),
}
_SOLAR_HIJRI = (
    ("فروردین",), ("اردیبهشت",), ("خرداد",), ("تیر",), ("مرداد", "امرداد"), ("شهریور",),
    ("مهر",), ("آبان",), ("آذر",), ("دی",), ("بهمن",), ("اسفند",),
)  # fmt: skip


def _gregorian() -> list[set[str]]:
    """Spelled names of each month; those that hold a number ("3月", "tháng 3") also with a zero before it."""
    names: list[set[str]] = [set(_ALSO[month]) for month in range(1, 13)]
    for locale in _LOCALES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in get_month_names(width, context, locale).items():
                    names[month - 1] |= {name, name.replace(str(month), f"{month:02}")}
    return [set(spell(sorted(month))) for month in names]


def _table(calendar: str, months: list[set[str]]) -> str:
    rows = ("  [" + ", ".join(f'"{name}"' for name in sorted(month)) + "],\n" for month in months)
    return f"{calendar} = [\n{''.join(rows)}]\n"


def main() -> None:
    gregorian, solar = _gregorian(), [set(spell(month)) for month in _SOLAR_HIJRI]
    names = [name for month in gregorian + solar for name in month]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SystemExit(f"these names mean more than one month: {', '.join(twice)}")
    sys.stdout.write(
        "# Names of the months, spelled as tasks.strip.dates.datelines.spell does; one row a month.\n"
        "# Written by `python -m tasks.strip.dates.months > tasks/strip/dates/months.toml`, which is what to change.\n\n"
    )
    sys.stdout.write(_table("gregorian", gregorian) + "\n" + _table("solar_hijri", solar))


if __name__ == "__main__":
    main()
