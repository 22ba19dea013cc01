"""Documents put together again from what was published."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip import strip_text
from tasks.write.samples import Piece, put_together


def removal(start: int, text: str) -> dict[str, object]:
    return {
        "start": start,
        "end": start + len(text),
        "text": text,
        "category": "link_list",
        "rule": "r",
        "score": 0.9,
    }


def pieces(raw: str, removed: list[str]) -> list[tuple[str, str | None]]:
    """What becomes of a raw text from which some of its lines are removed."""
    at, rows, kept = 0, [], []
    for line in raw.split("\n"):
        if line.strip() in removed:
            rows.append(removal(at + line.index(line.strip()), line.strip()))
        elif line.strip():
            kept.append(line.strip())
        at += len(line) + 1
    return [(piece.text, piece.category) for piece in put_together("\n".join(kept), len(raw), rows)]


def test_kept_lines_stand_between_the_removals_they_stood_between() -> None:
    raw = (
        "Menu\n\n  The council met on Tuesday.  \n\nIt was late.\nRead more: boats\nThe mayor spoke.\nFooter"
    )
    assert pieces(raw, ["Menu", "Read more: boats", "Footer"]) == [
        ("Menu", "link_list"),
        ("The council met on Tuesday.\nIt was late.", None),
        ("Read more: boats", "link_list"),
        ("The mayor spoke.", None),
        ("Footer", "link_list"),
    ]


def test_a_document_may_begin_or_end_with_either() -> None:
    assert pieces("Kept line.", []) == [("Kept line.", None)]
    assert pieces("Menu\nKept line.", ["Menu"]) == [("Menu", "link_list"), ("Kept line.", None)]


def test_a_removal_inside_a_line_does_not_start_one() -> None:
    found = list(put_together("The end.", 18, [removal(8, "Read more.")]))
    assert found == [
        Piece("The end."),
        Piece("Read more.", "link_list", "r", 0.9, breaks=False),
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["Accept all cookies", "The mayor spoke for an hour about boats.", "", "Share", "a"])
    )
)
def test_every_character_comes_back_whatever_was_removed(lines) -> None:
    raw = "\n".join(lines)
    stripped = strip_text(raw)
    rows = [removal(span.start, raw[span.start : span.end]) for span in stripped.spans]
    together = "".join(piece.text for piece in put_together(stripped.text, len(raw), rows))
    assert sorted("".join(together.split())) == sorted("".join(raw.split()))
