import datetime as dt

import pyarrow as pa
import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip.dates import parse_datelines

LANGUAGES = (
    "en", "en_GB", "de", "de_AT", "fr", "es", "pt", "it", "nl", "pl", "ru", "uk", "tr", "ar",
    "ar_LB", "ar_MA", "fa", "zh", "zh_Hant", "ja", "ko", "hi", "id", "vi", "sv", "el", "cs", "ro",
    "hu", "da", "nb", "fi",
)  # fmt: skip
DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "０１２３４５６７８９")
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


def parse(line: str) -> dt.datetime | None:
    return parse_datelines([line])[0].as_py()


def told(line: str) -> str | None:
    """What a line tells, as "2024-02-06 17:19"; the time is left out at midnight."""
    date = parse(line)
    return date and f"{date:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Published: Thursday, 23 November 2023 14:05 CET", "2023-11-23 13:05"),
        ("June 28, 2019", "2019-06-28"),
        ("Sept. 4th, 2019", "2019-09-04"),
        ("12/31/2023", "2023-12-31"),
        ("28.04.2024, 17:19 Uhr", "2024-04-28 17:19"),
        ("Mittwoch, den 3. JÄNNER 2018", "2018-01-03"),
        ("le 22 mai 2023 à 9h30", "2023-05-22 09:30"),
        ("mar. 5 FÉVR. 2019", "2019-02-05"),
        ("1er aout 2021", "2021-08-01"),
        ("17 de enero de 2024", "2024-01-17"),
        ("12.ago.2022 às 8h00", "2022-08-12 08:00"),
        ("3 Ekim 2023 Salı", "2023-10-03"),
        ("KASIM 3, 2020", "2020-11-03"),
        ("6 февраля 2024 г.", "2024-02-06"),
        ("21 листопада 2023 року о 18:00", "2023-11-21 18:00"),
        ("5. 10. 2021 v 7:15", "2021-10-05 07:15"),
        ("2024. február 6.", "2024-02-06"),
        ("2020.04.12. 21:50", "2020-04-12 21:50"),
        ("11 ΜΑΡΤΊΟΥ 2021, 8:05 μ.μ.", "2021-03-11 20:05"),
        ("ngày 5 tháng 3 năm 2024", "2024-03-05"),
        ("29 Tháng 01, 2019", "2019-01-29"),
        ("Kamis, 08 Feb 2024 13:41 WIB", "2024-02-08 06:41"),
        ("7 जून 2023, शाम 6:40 बजे", "2023-06-07 18:40"),
        ("३ फरवरी २०२३", "2023-02-03"),
        ("٢٤ مايو ٢٠٢٣", "2023-05-24"),
        ("3 كانون الثاني 2018", "2018-01-03"),
        ("5 تموز/يوليو 2022", "2022-07-05"),
        ("14/9/2021 - 07:32 مساءً", "2021-09-14 19:32"),
        ("۱۲ آذر ۱۴۰۲", "2023-12-03"),
        ("سه‌شنبه ۱۴۰۲/۰۸/۱۷ - ۱۱:۲۶", "2023-11-08 11:26"),
        ("2023年03月18日 08:52", "2023-03-18 08:52"),
        ("2023 年 3 月 18 日下午 3:20", "2023-03-18 15:20"),
        ("令和元年5月1日（水）午後3時20分", "2019-05-01 15:20"),
        ("平成30年12月3日", "2018-12-03"),
        ("２０２４/５/３ 月曜日", "2024-05-03"),
        ("입력 2021. 5. 3 월요일 오후 4:05", "2021-05-03 16:05"),
        ("2021년 5월 3일", "2021-05-03"),
    ],
)
def test_datelines_of_many_languages(line: str, expected: str) -> None:
    assert told(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Updated at 16:40",
        "Monday 3 February",
        "2/12 19:58",
        "23-03-21, 06:30",  # a year of two digits is no year
        "January 2024",
        "Issue 3/2020",
        "2024年3月 12:30",  # 12 is an hour
        "5 people were there in March 2023",
        "03/04/2023",
        "31.02.2024",
        "12.31.2023",  # with dots the day is first, and there is no month 31
        "2023-13-01",
        "00/00/2020",
        "0 May 2020",
        "31 مهر 1402",
        "1 مهر 9400",
        "30 اسفند 1402",
        "5 March 1402",
        "5 March 1989",
        "5 March 2101",
        "12 مهر 2024",
        "令和99年1月1日",
        "1.1.0000",
        "9999-12-31",
    ],
)
def test_no_date_for_certain(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("T09:02:07+02:00", "07:02:07"),
        ("T09:02:07.123Z", "09:02:07"),
        (" 09:02 -0530", "14:32:00"),
        (" 9:02 (GMT+7)", "02:02:00"),
        (" 09:02 UTC-3", "12:02:00"),
        (" 09:02 GMT+530", "03:32:00"),
        (" 09:02 +99:00", "09:02:00"),
        (" 09:02 CEST", "07:02:00"),
        (" 09:02 EDT", "13:02:00"),
        (" 09:02 IST", "09:02:00"),  # of India, Ireland or Israel
        (" at 5 pm PDT", "00:00:00+1"),
        (", 12:30 a.m.", "00:30:00"),
        (", 12:30 p. m.", "12:30:00"),
        (", 8:30 de la tarde", "20:30:00"),
        (" | 06.40 BST", "05:40:00"),
        (" kl. 06.40", "06:40:00"),
        (" um 17 Uhr", "17:00:00"),
        (" रात 11:48", "23:48:00"),
        (" रात 1:20", "01:20:00"),
        (" 24:10", "00:00:00"),
        (" 12:61", "00:00:00"),
        (" · 4 min read", "00:00:00"),
        (" (updated 06.15 09:20)", "00:00:00"),
    ],
)
def test_times_and_zones(time: str, expected: str) -> None:
    clock, _, days = expected.partition("+")
    date = dt.datetime.fromisoformat(f"2021-05-04 {clock}+00:00") + dt.timedelta(int(days or 0))
    assert parse("2021-05-04" + time) == date


def test_the_first_of_two_dates_counts_with_its_own_time() -> None:
    assert told("18 marzo 2022 (modifica il 19 aprile 2022 | 12:31)") == "2022-03-18"
    assert told("公開日：2021/01/15　更新日：2022/09/03 10:00") == "2021-01-15"
    assert told("2020-10-12 04:30 | 2020-10-13 09:14") == "2020-10-12 04:30"


def test_a_time_may_stand_before_its_date() -> None:
    assert told("Publicerad 14:22, tisdag 3 oktober 2022") == "2022-10-03 14:22"


@pytest.mark.parametrize(
    ("year", "nowruz"),
    [
        (1370, "1991-03-21"),
        (1376, "1997-03-21"),
        (1399, "2020-03-20"),
        (1400, "2021-03-21"),
        (1403, "2024-03-20"),
        (1404, "2025-03-21"),
        (1408, "2029-03-20"),
        (1409, "2030-03-21"),
    ],
)
def test_solar_new_years(year: int, nowruz: str) -> None:
    assert told(f"1 فروردین {year}") == nowruz


def test_every_day_of_the_solar_calendar_follows_the_last() -> None:
    lines = [f"{y}/{m}/{d}" for y in range(1369, 1479) for m in range(1, 13) for d in range(1, 32)]
    days = [date.date() for date in parse_datelines(lines).to_pylist() if date]
    assert days == [dt.date(1990, 3, 21) + dt.timedelta(n) for n in range(len(days))]
    assert days[-1] == dt.date(2100, 3, 20)


def test_leap_years_of_the_solar_calendar() -> None:
    leap = [year for year in range(1370, 1410) if parse(f"30 اسفند {year}")]
    assert leap == [1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408]


def test_columns_keep_their_order_repeats_and_nulls() -> None:
    column = pa.array(["1 May 2020", None, "nothing", "1 May 2020"], pa.large_string())
    day = dt.datetime(2020, 5, 1, tzinfo=dt.UTC)
    dates = parse_datelines(column)
    assert dates.type == pa.timestamp("us", tz="UTC")
    assert dates.to_pylist() == [day, None, None, day]
    assert parse_datelines(column[2:]).to_pylist() == [None, day]
    assert parse_datelines([]).to_pylist() == []


@settings(deadline=None)
@given(DATES, st.sampled_from(LANGUAGES), st.sampled_from(("full", "long", "medium")))
def test_dates_as_each_language_writes_them(date: dt.date, language: str, style: str) -> None:
    line = format_date(date, style, language)
    ambiguous = "/" in line and not line[:4].isdecimal() and date.day <= 12 and date.day != date.month
    assert told(line) == (None if ambiguous else f"{date}")


@settings(deadline=None)
@given(DATES, st.sampled_from(LANGUAGES), st.sampled_from(DIGITS))
def test_digits_of_any_script(date: dt.date, language: str, digits: str) -> None:
    line = format_date(date, "long", language).translate(str.maketrans("0123456789", digits))
    assert told(line) == f"{date}"


@settings(deadline=None)
@given(
    st.datetimes(
        dt.datetime(1990, 1, 1),
        dt.datetime(2100, 12, 31),
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda n: dt.timezone(dt.timedelta(minutes=n))),
    )
)
def test_iso_timestamps(time: dt.datetime) -> None:
    assert parse(time.isoformat()) == time.replace(microsecond=0)


FRAGMENTS = st.sampled_from(
    (
        "0", "3", "13", "31", "99", "1402", "2024", "9999", ".", "/", "-", ":", ",", " ", "T", "Z",
        "h", "+", "+14:99", "-0000", "am", "م", "年", "月", "日", "令和", "元", "thang", "آذر", "دی",
        "March", "mars", "GMT", "\0", "\x0c",
    )
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.text() | st.lists(FRAGMENTS).map("".join), max_size=4))
def test_any_text_gives_a_date_of_our_time_or_none(lines: list[str]) -> None:
    dates = parse_datelines(lines).to_pylist()
    assert len(dates) == len(lines)
    assert all(date is None or 1989 <= date.year <= 2101 for date in dates)
