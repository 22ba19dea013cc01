"""Folding, whose short way for ASCII lines ends where the long way does."""

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip import fold as module
from tasks.strip.fold import fold

ASCII = st.text(st.characters(max_codepoint=0x7F), max_size=30)
LINES = st.lists(
    st.none() | ASCII | st.text(max_size=30) | st.sampled_from(["I\u0307", "E\u0301 `x`", "«Ё»"])
)


def every_step(lines: pa.Array) -> pa.Array:
    folded = pc.utf8_lower(pc.utf8_normalize(lines, form="NFC"))
    for pattern, replacement in module._REPLACEMENTS:
        folded = pc.replace_substring_regex(folded, pattern, replacement)
    return pc.replace_substring_regex(folded, module._EDGES, "")


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_ascii_lines_come_out_as_if_every_step_were_taken(lines: list[str | None]) -> None:
    texts = pa.array(lines, pa.large_string())
    assert fold(texts).to_pylist() == every_step(texts).to_pylist()


def test_each_ascii_character_at_the_edges_and_inside() -> None:
    signs = [chr(i) for i in range(0x80)]
    texts = pa.array(
        [text for c in signs for text in (c, f"{c}é", f"a{c}b", f"{c}a{c}", f"a{c}{c} b")], pa.large_string()
    )
    assert fold(texts).to_pylist() == every_step(texts).to_pylist()
