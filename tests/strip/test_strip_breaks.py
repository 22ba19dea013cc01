"""Line breaks of every kind, against what regexes say of them."""

import re

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip.lines.breaks import breaks, even, split

_OTHER = "[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
# Letters that end in the octets in which breaks beyond ASCII end, and spaces that begin as they do.
TEXTS = st.lists(
    st.text(
        st.sampled_from("a \n\r\x0b\x0c\x1c\x1d\x1e\x1f\t\x85\u2028\u2029хШÅĨĩ\u2025\u2027\u202a\u3028😅")
    )
    | st.none()
)


@settings(deadline=None)
@given(TEXTS)
def test_every_kind_of_break_is_made_one_and_counted(texts: list[str | None]) -> None:
    expected = [re.sub(_OTHER, "\n", (text or "").replace("\r\n", " \n")) for text in texts]
    evened = even(pa.array(texts, pa.large_string()))
    assert evened.to_pylist() == expected
    assert breaks(pa.array([text or "" for text in texts], pa.large_string())).tolist() == [
        text.count("\n") for text in expected
    ]
    lines, chars, owner = split(evened)
    assert lines.to_pylist() == [line for text in expected for line in text.split("\n")]
    assert chars.tolist() == [len(line) for text in expected for line in text.split("\n")]
    assert owner.tolist() == [i for i, text in enumerate(expected) for _ in text.split("\n")]


@settings(deadline=None)
@given(TEXTS, st.integers(0, 3))
def test_a_slice_of_a_column_is_cut_as_its_copy(texts: list[str | None], first: int) -> None:
    column = pa.array(texts, pa.large_string())
    whole, part = pa.array(texts[first:], pa.large_string()), column[first:]
    assert even(part).to_pylist() == even(whole).to_pylist()
    assert split(even(part))[0].to_pylist() == split(even(whole))[0].to_pylist()
