"""Text that a renderer or an author has cut into lines of a given width."""

import textwrap

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import HINT_MAIN, HINT_OCTETS
from tasks.strip import strip_text
from tasks.strip.lines import Lines
from tasks.strip.model.markup import hint_columns

ENGLISH = [
    "The council voted on Tuesday to rebuild the old tide mill, which has stood empty since the flood and has long "
    "been a worry to those who live beside it and hear its shutters bang at night.",
    "Nobody had expected the vote to be so clear, said the mayor, who had opposed the plan for years before she "
    "changed her mind in the spring, when the county offered to pay for half of the timber.",
    "Work is to begin in March and to take two years, if the money comes in time and the oak can be had from the "
    "estate above the river, where the trees for the first mill were felled as well.",
]
GERMAN = [
    "Der Gemeinderat hat am Dienstag beschlossen, die alte Mühle am Hafen wieder aufzubauen, die seit der Flut leer "
    "steht und deren Fensterläden die Nachbarn in stürmischen Nächten schlagen hören.",
    "Mit einer so klaren Mehrheit hatte niemand gerechnet, sagte die Bürgermeisterin, die sich jahrelang gegen den "
    "Plan gewehrt hatte, bis der Kreis im Frühjahr die Hälfte der Kosten für das Holz übernahm.",
    "Die Arbeiten sollen im März beginnen und zwei Jahre dauern, wenn das Geld rechtzeitig kommt und die Eichen aus "
    "dem Wald oberhalb des Flusses geschlagen werden dürfen.",
]
ARABIC = [
    "صوت المجلس يوم الثلاثاء على إعادة بناء طاحونة المد القديمة التي بقيت خالية منذ الفيضان وكانت مصدر قلق لمن يسكن "
    "بجوارها ويسمع أصوات نوافذها في الليل.",
    "لم يتوقع أحد أن يكون التصويت بهذا الوضوح كما قالت رئيسة البلدية التي عارضت الخطة سنوات قبل أن تغير رأيها في الربيع "
    "عندما عرضت المقاطعة أن تدفع نصف ثمن الخشب.",
    "سيبدأ العمل في مارس ويستمر عامين إذا وصل المال في موعده وأمكن الحصول على خشب البلوط من الغابة التي تقع فوق النهر.",
]
COOKIES = (
    "We use cookies on this website to give you the best possible experience of our pages and to measure how they "
    "are used. By clicking accept you agree to our use of cookies."
)


def page(paragraphs: list[str], width: int | None, between: str = "\n\n") -> str:
    parts = ["Home\nNews\nSport", "Tide mill to be rebuilt", *paragraphs, COOKIES, "Share on Facebook"]
    return between.join(
        part if width is None or "\n" in part else textwrap.fill(part, width) for part in parts
    )


@pytest.mark.parametrize("width", [56, 60, 66, 72])
@pytest.mark.parametrize("paragraphs", [ENGLISH, GERMAN, ARABIC], ids=["en", "de", "ar"])
def test_wrapped_text_is_judged_as_the_paragraphs_that_it_was(paragraphs: list[str], width: int) -> None:
    wrapped, whole = strip_text(page(paragraphs, width)), strip_text(page(paragraphs, None))
    assert wrapped.text == whole.text == "\n".join(paragraphs)
    assert wrapped.title == "Tide mill to be rebuilt"


def test_each_removed_line_of_the_raw_text_is_a_span_of_its_own() -> None:
    raw = page(ENGLISH, 60).replace("\nare used", "\n  are used")  # an indent is nobody's
    spans = [span for span in strip_text(raw).spans if span.category == "cookie_notice"]
    assert [raw[span.start : span.end] for span in spans] == textwrap.wrap(COOKIES, 60)
    assert len({(span.rule, span.score) for span in spans}) == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\u2028"])
def test_any_line_break_may_wrap(newline: str) -> None:
    assert strip_text(page(ENGLISH, 72).replace("\n", newline)).text == "\n".join(ENGLISH)


def test_paragraphs_without_a_blank_line_between_them_stay_apart_where_a_line_is_not_full() -> None:
    assert len(textwrap.wrap(ENGLISH[0], 60)[-1]) < 40
    assert strip_text(page(ENGLISH, 60, between="\n")).text.startswith(ENGLISH[0] + "\n" + ENGLISH[1][:40])


@pytest.mark.parametrize(
    "lines",
    [
        [f"A headline about the harbour of which there is {'some more ' * (n % 5)}to say" for n in range(40)],
        ["The tide goes out,", "the tide comes in,", "and nobody knows", "where it has been."] * 10,
        [f"Oak table number {n}, a hundred and twenty centimetres wide, from stock" for n in range(10, 30)],
        ["Please reload this page, there was an error while it was loading.", "Copy the link"] * 12,
        [f"    value_{n} = compute(value_{n - 1}, scale=0.25, offset={n * 7919})" for n in range(30)],
        [paragraph for paragraph in ENGLISH * 4],
        [
            f"{'of the tide and the harbour ' * 3}{'and of mills ' * (n % 3)}{'so' * (n % 4)}n"
            for n in range(30)
        ],
        [f"{name:<30}{number:>12}  in the old mill" for number, name in enumerate(["oak", "ash", "elm"] * 6)],
    ],
    ids=["headlines", "verse", "items", "repeated", "code", "paragraphs", "even lines", "table"],
)
def test_lines_that_are_lines_stay_so(lines: list[str]) -> None:
    table = Lines(pa.array(["\n".join(lines)], pa.large_string()))
    assert len(table) == len(lines)
    assert (table.parts == 1).all()


def test_a_word_that_was_cut_at_its_hyphen_is_one_again() -> None:
    parts = [text.replace("tide mill", "tide-mill").replace("for years", "for-years") for text in ENGLISH]
    cut = [raw for width in range(56, 72) if "-\n" in (raw := page(parts, width))]
    assert cut
    assert {strip_text(raw).text for raw in cut} == {"\n".join(parts)}
    dashed = [ENGLISH[0].replace("mill, which", "mill - which"), *ENGLISH[1:]]
    assert strip_text(page(dashed, 60)).text == "\n".join(dashed)


def test_an_indent_opens_a_paragraph_and_goes_on_with_an_item() -> None:
    paragraphs = [textwrap.fill(text, 60, initial_indent="    ") for text in ENGLISH * 2]
    lines = Lines(pa.array(["\n".join(paragraphs)], pa.large_string()))
    assert lines.text.to_pylist() == ENGLISH * 2
    items = [textwrap.fill(text, 60, initial_indent="* ", subsequent_indent="  ") for text in ENGLISH * 2]
    lines = Lines(pa.array(["\n".join(items)], pa.large_string()))
    assert lines.text.to_pylist() == [f"* {text}" for text in ENGLISH * 2]


def test_few_full_lines_prove_nothing() -> None:
    assert (Lines(pa.array([textwrap.fill(ENGLISH[0], 72)], pa.large_string())).parts == 1).all()


def test_each_document_has_a_width_of_its_own() -> None:
    pages = [page(ENGLISH, 60), page(ENGLISH, None), page(GERMAN, 90)]
    alone = [Lines(pa.array([text], pa.large_string())) for text in pages]
    lines = Lines(pa.array(pages, pa.large_string()))
    assert lines.parts.tolist() == [n for each in alone for n in each.parts.tolist()]
    assert lines.text.to_pylist() == [text for each in alone for text in each.text.to_pylist()]
    assert max(alone[1].parts) == 1 < min(max(alone[0].parts), max(alone[2].parts))


def test_hints_are_those_of_the_first_raw_line() -> None:
    raw = page(ENGLISH, 66)
    count = sum(bool(line.strip()) for line in raw.split("\n"))
    hints = np.zeros((count, HINT_OCTETS), np.uint8)
    lines = Lines(pa.array(["plain", raw], pa.large_string()))
    first = (np.cumsum(lines.parts) - lines.parts)[1:] - 1
    chosen = np.arange(len(first)) % 3 == 0
    hints[first[chosen], 0] = HINT_MAIN
    marked, columns = hint_columns(lines, pa.array([None, hints.tobytes()], pa.large_binary()))
    assert marked.tolist() == [False] + [True] * len(first)
    np.testing.assert_array_equal(columns[:, 0] > 0, chosen)


@given(
    st.lists(st.text(st.sampled_from("abcäαя. ,-\t([]!"), max_size=60), max_size=40),
    st.integers(40, 90),
    st.sampled_from(("\n", "\n\n", "\r\n")),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_of_text_of_any_width(paragraphs: list[str], width: int, between: str) -> None:
    filled = " ".join(ENGLISH)
    raw = between.join(textwrap.fill(filled[: 7 * len(text)] + text, width) for text in paragraphs)
    stripped = strip_text(raw)
    removed = [raw[span.start : span.end] for span in stripped.spans]
    assert all(text and text == text.strip() and "\n" not in text for text in removed)
    said = sorted("".join([stripped.text, *removed]).replace(" ", ""))
    assert [sign for sign in said if not sign.isspace()] == sorted("".join(raw.split()))
