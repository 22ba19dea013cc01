"""Reading labelled pages and records: what is accepted, and what the errors say."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.evaluate import EvaluationError, read_gold, read_html, read_records, read_removals, select


def test_pages_come_with_what_their_lines_say(labelled: Path) -> None:
    pages = read_gold(labelled)
    assert [page.id for page in pages] == ["a", "b", "c", "d"]
    lined = pages[3]
    assert (lined.title, lined.gold) == ("Mill turns again", pages[0].gold)
    assert lined.raw_text == pages[0].raw_text


def test_parquet_jsonl_and_a_folder_of_both_are_read_alike(tmp_path: Path, write_lines) -> None:
    row = {"id": "a", "gold": "Mill", "must_keep": ["wheel"], "note": 7}
    (tmp_path / "gold").mkdir()
    plain = write_lines(row, {"id": "unlabelled", "gold": None})
    (tmp_path / "gold/one.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    pq.write_table(pa.Table.from_pylist([row | {"id": "b"}]), tmp_path / "gold/two.parquet")
    pages = read_gold(tmp_path / "gold")
    assert [(p.id, p.dataset, p.gold, p.must_keep) for p in pages] == [
        ("a", "one", "Mill", ("wheel",)),
        ("b", "two", "Mill", ("wheel",)),
    ]


def test_an_id_that_is_a_whole_number_is_that_of_its_record(tmp_path: Path, write_lines) -> None:
    file = write_lines({"id": 0, "gold": "x", "html": "<p>x"}, {"id": 12, "gold": "y", "html": "<p>y"})
    assert [page.id for page in read_gold(file)] == ["0", "12"]
    assert read_html(file, {"12"}) == {"12": "<p>y"}
    pq.write_table(pa.table({"id": [7], "gold": ["x"]}), tmp_path / "gold.parquet")
    assert [page.id for page in read_gold(tmp_path / "gold.parquet")] == ["7"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "line 2: neither Parquet nor JSON Lines"),
        ([], "line 2: a JSON object is needed, not a list"),
        ({"gold": "x"}, "line 2: no field 'id'; there are: gold"),
        ({"id": "", "gold": "x"}, "line 2: 'id' is empty"),
        ({"id": 7.5, "gold": "x"}, "line 2: 'id' is a number, not text"),
        ({"id": True, "gold": "x"}, "line 2: 'id' is a truth value, not text"),
        ({"id": "b", "gold": ["x"]}, "line 2: 'gold' is a list, not text"),
        ({"id": "b", "must_keep": "x"}, "line 2: 'must_keep' is text, not a list of texts"),
        (
            {"id": "b", "must_drop": ["x", None]},
            "line 2: 'must_drop' is a list with null, not a list of texts",
        ),
        ({"id": "b", "lines": ["x"]}, "line 2: 'lines' is a list with text, not a list of [line, label]"),
        ({"id": "b", "lines": [["x"]]}, "line 2: 'lines' holds ['x'], not [line, label]"),
        (
            {"id": "b", "lines": [["x", "menu"]]},
            "line 2: 'lines' has the label 'menu'; it should be one of body",
        ),
        ({"id": "b", "lines": [["x\ny", "body"]]}, "line 2: 'lines' holds a line with a line break in it"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_field(write_lines, row, words) -> None:
    file = write_lines({"id": "a", "gold": "x"}, row)
    with pytest.raises(EvaluationError) as error:
        read_gold(file)
    assert str(error.value).startswith(f"{file}: {words}")


def test_parquet_errors_name_the_column(tmp_path: Path) -> None:
    file = tmp_path / "gold.parquet"
    pq.write_table(pa.table({"page": ["a"], "gold": ["x"]}), file)
    with pytest.raises(EvaluationError, match=r"gold\.parquet: no column 'id'; there are: page, gold"):
        read_gold(file)
    pq.write_table(pa.table({"id": ["a"], "text": ["x"]}), file)
    with pytest.raises(
        EvaluationError, match=r"none of the columns gold, must_keep, must_drop, lines is there"
    ):
        read_gold(file)
    pq.write_table(pa.table({"id": ["a", "b"], "gold": [1, 2]}), file)
    with pytest.raises(EvaluationError, match=r"gold\.parquet: row 1: 'gold' is a number, not text"):
        read_gold(file)
    file.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(EvaluationError, match=r"gold\.parquet: "):
        read_gold(file)


def test_no_file_and_no_page(tmp_path: Path, write_lines) -> None:
    with pytest.raises(EvaluationError, match="nowhere: No such file"):
        read_gold(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EvaluationError, match=r"empty: no \.parquet or \.jsonl file is in this folder"):
        read_gold(tmp_path / "empty")
    with pytest.raises(EvaluationError, match="no labelled page is in it"):
        read_gold(write_lines({"id": "a", "gold": None}))


def test_selection_says_what_there_is(labelled: Path) -> None:
    pages = read_gold(labelled)
    assert [page.id for page in select(pages, split="test", datasets=["mills", "boats"])] == ["a", "c"]
    # Data sets without page types count with any.
    assert [page.id for page in select(pages, page_type="article")] == ["a", "b", "c", "d"]
    with pytest.raises(EvaluationError, match="has the split 'dev'; there are: test, train"):
        select(pages, split="dev")
    with pytest.raises(EvaluationError, match="has the dataset 'ships'; there are: boats, lines, mills"):
        select(pages, datasets=["boats", "ships"])
    with pytest.raises(EvaluationError, match="at once"):
        select(pages, split="train", datasets=["boats"])


def test_html_is_read_for_the_pages_asked_for(write_lines) -> None:
    file = write_lines({"id": "a", "html": "<p>a"}, {"id": "b", "html": "<p>b"}, {"id": "c", "html": None})
    assert read_html(file, {"a", "c"}) == {"a": "<p>a"}


def test_records_are_found_from_either_folder(output: Path) -> None:
    for folder in (output, output / "records"):
        assert set(read_records(folder, {"a", "b", "d"})) == {"a", "d"}
        removals = read_removals(folder, {"d"})
        assert removals and [span.category for span in removals["d"]][:2] == ["navigation", "title"]
    (output / "removals/0.parquet").unlink()
    (output / "removals").rmdir()
    assert read_removals(output, {"d"}) is None


def test_records_errors_name_file_and_column(tmp_path: Path, output: Path) -> None:
    with pytest.raises(
        EvaluationError, match="none of its records has the id of a labelled page, such as 'z'"
    ):
        read_records(output, {"z"})
    with pytest.raises(EvaluationError, match="nowhere: no such folder"):
        read_records(tmp_path / "nowhere", {"a"})
    file = output / "records/0.parquet"
    pq.write_table(pa.table({"doc_id": ["a"]}), file)
    with pytest.raises(EvaluationError, match=r"0\.parquet: no column 'text'; there are: doc_id"):
        read_records(output, {"a"})
    pq.write_table(pa.table({"doc_id": ["a"], "text": [["x"]]}), file)
    with pytest.raises(EvaluationError, match=r"0\.parquet: 'text' is list<.*>, not string"):
        read_records(output, {"a"})
    file.write_bytes(b"no Parquet at all")
    with pytest.raises(EvaluationError, match=r"0\.parquet: .*Parquet"):
        read_records(output, {"a"})
    file.unlink()
    with pytest.raises(EvaluationError, match=r"records: no \.parquet file is in it"):
        read_records(output, {"a"})
