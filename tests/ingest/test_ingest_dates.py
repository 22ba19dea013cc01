"""Dates: what is one, and that what is none costs nothing else."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.ingest.columns import values
from tests.ingest.ingest_inputs import (
    json_lines,
    read_all,
    write,
)

MAY = 1_714_982_400  # seconds, 2024-05-06 08:00 in UTC


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 06 May 2024 10:00:00 +0200", True),
        ("6 May 2024 08:00:00 GMT", True),
        ("2024-05-06 08:00:00 UTC", True),
        ("2024-05-06 08:00:00.000 UTC", True),
        ("2024-05-06 UTC", False),
        (MAY, True),
        (MAY * 1000, True),
        (str(MAY), True),
        (MAY + 0.0, True),
        ("2024-02-30", False),
        ("Fri, 30 Feb 2024 10:00:00 GMT", False),
        ("yesterday, 06 May 2024", False),
        (20240506, False),
        (0, False),
        (-MAY, False),
        (10 * MAY, False),
        (10**30, False),
        (True, False),
        ("0001-01-01T00:00:00+05:00", False),
    ],
)
def test_dates_of_json_lines(tmp_path, value, expected):
    documents, rejects = read_all(
        [write(tmp_path / "a.jsonl", b"".join(json_lines([{"text": "A.", "date": value}])))]
    )
    assert rejects == []
    assert documents[0]["published"] == (datetime.fromtimestamp(MAY, UTC) if expected else None)


DATES = {
    "milliseconds taken for seconds": pa.array([MAY * 1000, MAY], pa.timestamp("s")),
    "too far": pa.array([-(2**62), MAY * 10**6], pa.timestamp("us")),
    "days": pa.array([2**31 - 1, MAY // 86400], pa.int32()).view(pa.date32()),
    "milliseconds of days": pa.array([-(2**62), MAY // 86400 * 86_400_000], pa.int64()).view(pa.date64()),
    "a zone that is not known": pa.array([2**62, MAY * 10**6], pa.timestamp("us", "Mars/Olympus")),
    "nanoseconds": pa.array([None, MAY * 10**9 + 1], pa.timestamp("ns")),
}
NO_DATES = {
    "a duration": pa.array([2**62, 1], pa.duration("s")),
    "nanoseconds of a day": pa.array([2**40 + 1, 1], pa.time64("ns")),
    "a list": pa.array([[2**62], [MAY]], pa.list_(pa.timestamp("us", "Mars/Olympus"))),
}


@pytest.mark.parametrize("kind", [*DATES, *NO_DATES])
def test_an_odd_date_in_parquet_is_no_date_and_costs_nothing_else(tmp_path, kind):
    column = (DATES | NO_DATES)[kind]
    pq.write_table(
        pa.table({"text": ["a", "b"], "title": ["A", "B"], "date": column}), tmp_path / "a.parquet"
    )
    documents, rejects = read_all(tmp_path / "a.parquet")
    assert rejects == []
    assert [(d["text"], d["title"]) for d in documents] == [("a", "A"), ("b", "B")]
    expected = datetime(2024, 5, 6, 0 if "days" in kind else 8, tzinfo=UTC) if kind in DATES else None
    assert [d["published"] for d in documents] == [None, expected]


def test_nanoseconds_need_no_pandas():
    (value,) = values(DATES["nanoseconds"].slice(1), pa.array([False]))
    assert type(value) is datetime  # and not the class that pandas makes of it
