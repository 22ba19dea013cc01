"""Counting what is not white space."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.blanks import non_blank

WRITABLE = st.characters(exclude_categories=("Cs",))
SPACES = st.sampled_from(sorted(chr(point) for point in range(0x3100) if chr(point).isspace()))


@given(st.lists(st.none() | st.text(WRITABLE | SPACES, max_size=8), max_size=8), st.integers(0, 3))
def test_counts_what_is_not_space_for_python(texts: list[str | None], skipped: int) -> None:
    column = pa.array(texts, pa.string()).slice(skipped)
    expected = [sum(not character.isspace() for character in text or "") for text in texts[skipped:]]
    assert non_blank(column).tolist() == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_takes_chunks(kind: pa.DataType) -> None:
    assert non_blank(pa.chunked_array([["a b"], [], ["\u3000é"]], kind)).tolist() == [2, 1]
    assert non_blank(pa.chunked_array([], kind)).tolist() == []
