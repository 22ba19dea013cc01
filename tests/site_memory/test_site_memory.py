"""The memory of sites: what is counted, what is merged, and what it says of lines."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import DOCUMENTS, SITE_LINES, SITES
from tasks.hashing import hash64
from tasks.site_memory import REPEATED, SiteMemory, count, merge
from tasks.site_memory.evidence import against_main, weigh
from tasks.strip import StripSettings, strip_batch, strip_text
from tasks.strip.lines import Lines

TOPICS = ("harbour", "library", "orchard", "railway", "theatre", "quarry", "market", "school")
TEMPLATE = "Our readers decide what this town talks about, and we print what they send us every week."


def article(topic: str) -> str:
    return "\n".join(
        (
            f"The {topic} committee met on Tuesday evening and put off its decision until the spring of next year.",
            f"Two of its members said that the {topic} would need more money than the council had set aside for it.",
            f"A petition with nine hundred names asks that the {topic} be kept as it is, at least until the elections.",
            f"The mayor told residents that nobody wanted to close the {topic}, and that the figures would be published.",
        )
    )


def documents(texts: dict[str, str], site: str = "courier.example") -> pa.Table:
    rows = [
        {"source": "s", "source_index": number, "doc_id": name, "site": site, "text": text}
        for number, (name, text) in enumerate(texts.items())
    ]
    return pa.Table.from_pylist(rows, DOCUMENTS)


def counted(table: pa.Table) -> pa.Table:
    return count(table, Lines(table["text"].combine_chunks()))


def learnt(*batches: pa.Table, full: bool = False) -> tuple[pa.Table, pa.Table]:
    sites, lines = SITES.empty_table(), SITE_LINES.empty_table()
    for run, batch in enumerate(batches, 1):
        sites, lines = merge(sites, lines, counted(batch), run, full)
    return sites, lines


def pages_of(lines: pa.Table, text: str) -> float:
    """Pages with a line that begins so: of lines that differ in digits, one is shown."""
    found = lines.filter(pc.starts_with(lines["text"], text))["pages"].to_pylist()
    return found[0] if found else 0


def memory(sites: pa.Table, lines: pa.Table) -> SiteMemory:
    return SiteMemory(sites, lines.filter(pc.greater_equal(lines["pages"], REPEATED)))


PAGES = {topic: f"{TEMPLATE}\n{article(topic)}\nMore from {number}" for number, topic in enumerate(TOPICS)}


def test_hashes_are_those_of_the_strings_wherever_they_lie() -> None:
    strings = pa.array(["", "a", "ab", "ba", "a" * 5000, "a" * 5001, None, "ü"], pa.large_string())
    hashes = hash64(strings)
    assert len(set(hashes.tolist())) == 7  # null is as empty
    assert (hash64(strings.slice(2, 4)) == hashes[2:6]).all()
    assert hash64(pa.array([], pa.string())).tolist() == []


def test_a_page_counts_a_line_once_and_digits_do_not_matter() -> None:
    rows = counted(documents({"a": "Menu 1\nText\nMENU 2\n***"}))
    assert rows["text"].to_pylist() == ["Menu 1", "Text"]
    assert rows["before"].to_pylist() == [0, rows["line"][0].as_py()]


def test_pages_without_a_site_are_not_counted() -> None:
    table = documents({"a": "Menu"})
    table = table.set_column(table.column_names.index("site"), "site", pa.nulls(1, pa.string()))
    assert counted(table).num_rows == 0


def test_pages_and_places_are_counted() -> None:
    sites, lines = learnt(documents(PAGES))
    assert sites["pages"].to_pylist() == [len(TOPICS)]
    row = lines.filter(pc.equal(lines["text"], TEMPLATE)).to_pylist()[0]
    assert (row["pages"], row["top"], row["middle"], row["end"]) == (len(TOPICS), len(TOPICS), 0, 0)
    assert pages_of(lines, "More from ") == len(TOPICS)


@given(st.permutations(range(len(PAGES) * 6)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_what_was_counted_does_not_matter(order: list[int]) -> None:
    rows = counted(documents(PAGES))
    empty = SITES.empty_table(), SITE_LINES.empty_table()
    straight, shuffled = merge(*empty, rows, 1), merge(*empty, rows.take(pa.array(order)), 1)
    assert shuffled[0].equals(straight[0])
    assert shuffled[1].equals(straight[1])


def test_copies_of_an_article_count_once() -> None:
    copies = {f"copy {n}": PAGES["harbour"] + f"\nRead by {n} people" for n in ("nine", "ten", "eleven")}
    sites, lines = learnt(documents(PAGES | copies))
    assert sites["pages"].to_pylist() == [len(TOPICS)]
    assert pages_of(lines, article("harbour").split("\n")[0]) == 1
    assert pages_of(lines, TEMPLATE) == len(TOPICS)


def test_a_later_copy_of_a_known_article_does_not_count_either() -> None:
    sites, lines = learnt(documents(PAGES), documents({"again": PAGES["harbour"]}))
    assert sites["pages"][0].as_py() == pytest.approx(len(TOPICS))
    assert pages_of(lines, article("harbour").split("\n")[0]) == 1


#: An article that grows: each version is a page of its own, and has what the one before has.
PARTS = [article(f"{word} harbour") for word in ("old", "new", "upper", "lower", "outer", "inner")]
VERSIONS = {
    f"version {n}": "\n".join((TEMPLATE, *PARTS[:n], f"More from {n}")) for n in range(1, len(PARTS) + 1)
}


@pytest.mark.parametrize("order", [range(6), (5, 0, 3, 1, 4, 2)], ids=["growing", "mixed"])
@pytest.mark.parametrize("at_once", [True, False], ids=["one run", "a run each"])
def test_versions_of_an_article_that_grows_are_no_template(order: Sequence[int], at_once: bool) -> None:
    pages, versions = documents(PAGES), documents(VERSIONS).take(list(order))
    each = [versions] if at_once else [versions.slice(n, 1) for n in range(len(VERSIONS))]
    sites, lines = learnt(pages, *each)
    assert max(pages_of(lines, part.split("\n")[0]) for part in PARTS) <= 2
    assert pages_of(lines, TEMPLATE) >= len(PAGES)
    known, _ = strip_batch(versions, memory=memory(sites, lines))
    for n, text in zip(order, known["text"].to_pylist(), strict=True):
        assert text == "\n".join(PARTS[: n + 1])


def test_what_only_copies_have_counts_once() -> None:
    later = [{f"copy {n}": f"{PAGES['harbour']}\n{PARTS[0]}\nAn odd line"} for n in range(3)]
    _, at_once = learnt(documents(PAGES), documents(later[0] | later[1] | later[2]))
    _, in_turn = learnt(documents(PAGES), *map(documents, later))
    for lines in (at_once, in_turn):
        assert (pages_of(lines, PARTS[0].split("\n")[0]), pages_of(lines, "An odd line")) == (1, 1)


def test_a_page_that_has_a_brief_one_in_it_counts_all_the_same() -> None:
    brief = article("harbour").split("\n")[0]
    roundup = "\n".join((brief, *map(article, TOPICS[1:])))
    sites, _ = learnt(documents({"brief": brief, "roundup": roundup}))
    assert sites["pages"].to_pylist() == [2]


def test_what_a_section_says_on_all_its_pages_counts_when_their_articles_are_forgotten() -> None:
    notice = [
        f"Prices of {what} are those that the {place} told us at noon, and neither we nor the {place} vouch for them."
        for what, place in (
            ("grain", "mill"),
            ("fish", "harbour"),
            ("timber", "yard"),
            ("wool", "exchange"),
            ("salt", "works"),
        )
    ]
    section = {
        topic: "\n".join(
            (
                *notice,
                f"Those at the {topic} have hardly moved since last week, and few expect the {topic} to lower them.",
            )
        )
        for topic in TOPICS
    }
    sites, lines = learnt(documents(PAGES | {f"{topic} prices": text for topic, text in section.items()}))
    lines = lines.filter(pc.greater(lines["pages"], 1))
    later = {f"{topic} again": text.replace("last week", "Easter") for topic, text in section.items()}
    sites, lines = merge(sites, lines, counted(documents(later)), 2)
    assert pages_of(lines, notice[0]) == pytest.approx(2 * len(TOPICS), rel=0.01)
    assert sites["pages"][0].as_py() == pytest.approx(3 * len(TOPICS), rel=0.01)


def test_a_page_that_is_read_again_is_not_counted_again() -> None:
    batch = documents(PAGES)
    once, twice = learnt(batch), learnt(batch, batch, batch)
    assert twice[0]["pages"].equals(once[0]["pages"])
    assert twice[1]["pages"].equals(once[1]["pages"])


def test_sites_may_have_said_more_than_one_array_can_hold() -> None:
    line = counted(documents({"a": "Menu"}))
    line = line.set_column(line.column_names.index("text"), "text", pa.array(["Menu " * 2**18]))
    rows = pa.concat_tables(
        [line] * 2**11
    )  # the same megabyte again and again: more than 2 GiB, none of it copied
    _, lines = merge(SITES.empty_table(), SITE_LINES.empty_table(), rows, 1)
    assert pages_of(lines, "Menu") == 1


def test_full_learns_the_sites_anew_and_leaves_the_others() -> None:
    other = documents({"x": "Elsewhere"}, "other.example")
    sites, lines = learnt(documents({"old": "An old menu"}), other)
    again = merge(sites, lines, counted(documents(PAGES)), 3, full=True)
    assert again[0]["site"].to_pylist() == ["courier.example", "other.example"]
    assert pages_of(again[1], "An old menu") == 0
    assert pages_of(again[1], "Elsewhere") == 1


def test_one_by_one_counts_as_all_at_once() -> None:
    table = documents(PAGES)
    sites, lines = learnt(*(table.slice(number, 1) for number in range(table.num_rows)))
    assert sites["pages"][0].as_py() == pytest.approx(len(TOPICS), rel=0.01)
    assert pages_of(lines, TEMPLATE) == pytest.approx(len(TOPICS), rel=0.01)


def test_what_is_no_longer_seen_fades() -> None:
    first = documents({f"old {n}": f"Old menu\n{n} words" for n in range(10)})
    site = learnt(first)
    many = documents(
        {f"new {n}": f"New menu\nword number {'abcdefghij'[n % 10] * (n + 1)}" for n in range(4000)}
    )
    _, lines = merge(*site, counted(many), 2)
    assert 2 < pages_of(lines, "Old menu") < 3  # two half-lives
    assert pages_of(lines, "New menu") == 4000


def test_a_template_goes_where_the_page_alone_would_keep_it() -> None:
    table = documents(PAGES)
    alone, _ = strip_batch(table)
    known, removals = strip_batch(table, memory=memory(*learnt(table)))
    assert all(TEMPLATE in text for text in alone["text"].to_pylist())
    for topic, text in zip(TOPICS, known["text"].to_pylist(), strict=True):
        assert TEMPLATE not in text
        assert article(topic).split("\n")[1] in text
    reasons = removals.filter(pc.equal(removals["text"], TEMPLATE))
    assert set(reasons["rule"].to_pylist()) == {"site-template"}
    assert set(reasons["category"].to_pylist()) == {"boilerplate"}


def test_a_site_that_is_not_known_changes_nothing() -> None:
    table = documents(PAGES, "unknown.example")
    alone, known = strip_batch(table), strip_batch(table, memory=memory(*learnt(documents(PAGES))))
    assert known[0].equals(alone[0])
    assert known[1].equals(alone[1])


def test_a_site_of_few_pages_is_not_believed() -> None:
    table = documents({topic: PAGES[topic] for topic in TOPICS[:3]})
    known, _ = strip_batch(table, memory=memory(*learnt(table)))
    assert known["text"].equals(strip_batch(table)[0]["text"])


def test_copies_alone_make_no_template() -> None:
    table = documents({f"copy {n}": PAGES["harbour"] for n in range(8)})
    known, _ = strip_batch(table, memory=memory(*learnt(table)))
    assert known["text"].equals(strip_batch(table)[0]["text"])


def weighed(pages: list[float], of: float, main: list[float], chars: int = 100) -> list[float]:
    n = len(pages)
    found = weigh(
        against_main(np.array(pages), np.full(n, of)),
        np.array(main, np.float32),
        np.full(n, chars),
        np.zeros(n, np.int64),
        np.array([0, n]),
    )
    return found.main.tolist()


def test_evidence_grows_with_pages_and_their_share() -> None:
    story = [0.0] * 5
    two, few, more, all_pages = (weighed([*story, n], 50, [0.99] * 6)[-1] for n in (2, 3, 10, 50))
    assert two > few > more > all_pages
    assert two == weighed(story, 50, [0.99] * 5)[-1]  # two pages may carry the same story


def test_a_short_line_on_two_pages_of_a_large_site_stays_in_its_story() -> None:
    assert weighed([0, 0, 2, 0, 0], 500, [0.98] * 5, 4)[2] > 0.8


def test_lines_behind_the_template_are_doubted_and_the_article_is_not() -> None:
    found = weighed([0, 0, 0, 0, 0, 9, 9, 9, 0], 10, [0.9] * 5 + [0.2] * 3 + [0.7])
    assert found[:5] == pytest.approx([0.9] * 5)
    assert found[-1] < 0.5


@given(
    st.lists(st.tuples(st.integers(0, 20), st.floats(0, 1, width=32)), min_size=1, max_size=30),
    st.integers(0, 20),
)
def test_evidence_never_speaks_for_a_line(lines: list[tuple[int, float]], of: int) -> None:
    main = [probability for _, probability in lines]
    found = weighed([float(min(pages, of)) for pages, _ in lines], of, main)
    assert all(after <= before + 1e-3 for after, before in zip(found, main, strict=True))


def said_of(text: str, pages: int, of: int) -> SiteMemory:
    """A memory that holds one line, on so many of its site's pages."""
    [line] = counted(documents({"a": text}))["line"].to_pylist()
    return SiteMemory(
        pa.table({"site": ["courier.example"], "pages": pa.array([float(of)])}),
        pa.table(
            {
                "site": ["courier.example"],
                "line": pa.array([line], pa.uint64()),
                "pages": pa.array([float(pages)]),
            }
        ),
    )


TEASED = "Harbour committee puts off its decision until spring"


def test_a_headline_that_other_pages_tease_is_still_the_title() -> None:
    text = f"{TEASED}\n{article('harbour')}"
    known = strip_text(text, site="courier.example", memory=said_of(TEASED, 4, 20))
    assert known.title == strip_text(text).title == TEASED
    assert "harbour committee met" in known.text


def test_without_the_model_the_site_is_not_asked() -> None:
    text = f"Bakers prepare for a record season\n{TEASED}\n{article('harbour')}"
    alone = StripSettings(model=False)
    known = strip_text(text, site="courier.example", memory=said_of(TEASED, 18, 20), settings=alone)
    assert known == strip_text(text, settings=alone)
