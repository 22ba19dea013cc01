"""What cut lines are once they are put together."""

import pyarrow as pa
import pytest

from tasks.strip import strip_text
from tasks.strip.lines.joints import BREAK, put_together

WHOLE = {
    "the old|mill": "the old mill",
    "the old |  mill": "the old mill",
    "half-|empty": "half-empty",
    "Kinder-|und Jugendarbeit": "Kinder- und Jugendarbeit",
    "the mill -|and the harbour": "the mill - and the harbour",
    "in the|'90s and|.NET": "in the '90s and .NET",
    "in|the|’90s": "in the ’90s",
    "stürmischen Nächten“|schlagen": "stürmischen Nächten“ schlagen",
    "sagte: „|So nicht|“, und": "sagte: „So nicht“, und",
    "see (|the plan|), then": "see (the plan), then",
    "the mayor|, who": "the mayor, who",
    "他在|微博|，说": "他在 微博，说",
    "[a](https://a.example/tide/|mill/page) b": "[a](https://a.example/tide/mill/page) b",
    "no cut": "no cut",
}


def test_how_cut_lines_are_put_together() -> None:
    cut = pa.array([text.replace("|", BREAK) for text in WHOLE], pa.large_string())
    assert dict(zip(WHOLE, put_together(cut).to_pylist(), strict=True)) == WHOLE


def test_lines_that_are_whole_are_handed_back() -> None:
    lines = pa.array(["a b", "c"], pa.large_string())
    assert put_together(lines) is lines


@pytest.mark.parametrize(
    "heading", ["# [Tide mill to be rebuilt](https://a.example/tide)", "## Tide mill to be rebuilt"]
)
def test_a_title_in_markdown_is_its_words(heading: str) -> None:
    body = [
        f"The council voted {when} to rebuild the mill, which has long stood empty."
        for when in ("now", "then")
    ]
    stripped = strip_text("\n\n".join([heading, *body]))
    assert stripped.title == "Tide mill to be rebuilt"
    assert stripped.text == "\n".join(body)
