"""Folding, told once more a sign at a time."""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.strip.lines import characters
from tasks.strip.lines import fold as module
from tasks.strip.lines.fold import fold
from tasks.strip.lines.tally import tally

LINES = st.lists(
    st.none()
    | st.text(st.characters(max_codepoint=0x7F), max_size=30)
    | st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=30)
    | st.sampled_from(["I\u0307", "E\u0301 `x`", "«Ё»", "%", "5 %!", "a\u00a0\u3000 b", "\u200b"])
)


def folded(line: str | None) -> str | None:
    if line is None:
        return None
    composed = unicodedata.normalize("NFC", line)
    # Arrow's lower case goes sign by sign, where Python's makes two of İ.
    small = "".join(c.lower()[0] if c == "İ" else c.lower() for c in composed)
    small = re.sub(f"[{module._NOTHING}]", "", small)
    small = re.sub(f"[{module._SPACES}]+", " ", small)
    for sign, others in module._INSTEAD:
        small = re.sub(f"[{others}]", sign, small)
    small = small.replace("i\u0307", "i")

    def says(c: str) -> bool:
        return unicodedata.category(c)[0] in "LNM" or unicodedata.category(c) == "Sc"

    while small and not says(small[0]):
        small = small[1:]
    while small and not says(small[-1]) and small[-1] != "%":
        small = small[:-1]
    return small


@given(LINES)
@settings(max_examples=300, deadline=None)
@example(["Si", "\u0307x"])
@example(["a ", " b"])
def test_lines_fold_as_sign_by_sign(lines: list[str | None]) -> None:
    # What one version of Unicode calls small may be another's capital; both ways know the letters of living scripts.
    lines = [
        None if line is None else "".join(c for c in line if c.lower() == c or c < "\u0530") for line in lines
    ]
    assert fold(pa.array(lines, pa.large_string())).to_pylist() == list(map(folded, lines))


def test_each_ascii_character_at_the_edges_and_inside() -> None:
    signs = [chr(i) for i in range(0x80)]
    lines = [text for c in signs for text in (c, f"{c}é", f"a{c}b", f"{c}a{c}", f"a{c}{c} b")]
    assert fold(pa.array(lines, pa.large_string())).to_pylist() == list(map(folded, lines))


@pytest.mark.parametrize(("texts", "octets"), [(2, 1 << 20), (2048, 4), (1, 1)])
def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch, texts: int, octets: int) -> None:
    lines = pa.array(["Ada  Renn!", None, "", "% x", "E\u0301", "i", "\u0307"] * 3, pa.large_string())
    whole = fold(lines).to_pylist()
    monkeypatch.setattr(characters, "_BLOCK_TEXTS", texts)
    monkeypatch.setattr(characters, "_BLOCK_OCTETS", octets)
    assert fold(lines).to_pylist() == whole
    assert fold(lines[3:8]).to_pylist() == whole[3:8]
    assert tally(pc.fill_null(lines, "")).words.tolist() == [2, 0, 0, 1, 1, 1, 1] * 3


def test_every_sign_that_composes_is_seen() -> None:
    signs = [chr(c) for c in range(0x30000) if not 0xD800 <= c < 0xE000]
    open_ = [c for c in signs if unicodedata.normalize("NFC", c) != c]
    assert len(open_) > 1000
    composed = module._composed(pa.array(open_, pa.large_string())).points
    assert "".join(map(chr, composed.tolist())) == "".join(unicodedata.normalize("NFC", c) for c in open_)
