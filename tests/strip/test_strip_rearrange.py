"""Labelled pages rearranged for training: the article is whole and in order, and every line keeps its label."""

from collections import Counter

from benchmarks.line_model.rearrange import TIMES, Labelled, rearranged

ARTICLE = [(f"Paragraph {number}.", "body") for number in range(4)]
ONE = Labelled(
    "one",
    "en",
    [
        ("Share", "share_bar"),
        ("A headline", "title"),
        *ARTICLE[:2],
        ("Read also", "link_list"),
        ("A ferry sinks", "link_list"),
        *ARTICLE[2:],
        ("Give now", "donation_appeal"),
        ("All rights reserved", "legal_notice"),
    ],
)
TWO = Labelled("two", "en", [("Text.", "body"), ("Get our letter", "newsletter_signup"), *ARTICLE])
FOREIGN = Labelled("drei", "de", [("Text.", "body"), ("Jetzt spenden", "donation_appeal"), *ARTICLE])
BRIEF = Labelled("brief", "en", [("Text.", "body"), ("An app", "app_promo"), ("More text.", "body")])


def test_the_article_is_whole_and_in_order_and_nothing_is_lost() -> None:
    found = list(rearranged([ONE, TWO, FOREIGN, BRIEF], seed=1))
    assert Counter(page for page, _ in found) == dict.fromkeys(("one", "two", "drei"), TIMES)
    for page, lines in found:
        original = {"one": ONE, "two": TWO, "drei": FOREIGN}[page].lines
        assert [line for line in lines if line[1] == "body"] == [
            line for line in original if line[1] == "body"
        ]
        assert not Counter(original) - Counter(lines)
        foreign = {line[0] for line in (Counter(lines) - Counter(original)).elements()}
        assert foreign <= {"one": {"Get our letter"}, "two": {"Read also", "A ferry sinks", "Give now"}}.get(
            page, set()
        )


def test_what_interrupts_the_article_stands_elsewhere_between_its_paragraphs() -> None:
    pages = [lines for page, lines in rearranged([ONE, TWO], seed=1) if page == "one"]
    assert all(lines[:3] == ONE.lines[:3] for lines in pages)
    assert all(lines[-1] == ("All rights reserved", "legal_notice") for lines in pages)
    assert any(lines[-3][1] != "body" and lines[-2] == ARTICLE[3] for lines in pages)
    for lines in pages:
        heading = lines.index(("Read also", "link_list"))
        assert lines[heading + 1] == ("A ferry sinks", "link_list")
    assert any(lines != list(ONE.lines) for lines in pages)


def test_the_same_seed_gives_the_same_pages() -> None:
    assert list(rearranged([ONE, TWO], seed=2)) == list(rearranged([ONE, TWO], seed=2))
    assert list(rearranged([ONE, TWO], seed=2)) != list(rearranged([ONE, TWO], seed=3))
