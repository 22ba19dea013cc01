"""Labelled pages: what people say is the main text of a page, read from Parquet or JSON Lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from schemas import CATEGORIES
from tasks.evaluate.errors import EvaluationError

BODY, BLANK = "body", "blank"
_TEXTS = ("dataset", "split", "lang", "page_type", "title", "raw_text", "gold", "html")
_SNIPPETS = ("must_keep", "must_drop")
#: A page needs one of these, or it says nothing.
_LABELS = ("gold", *_SNIPPETS, "lines")
_COLUMNS = ("id", *_TEXTS, *_SNIPPETS, "lines")
_PARQUET = b"PAR1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GoldPage:
    """One labelled page. `lines` are (line, label) of its whole text, a label being a category, body or blank, or
    several joined by '|' of which each would do. `gold` is the main text, `raw_text` the whole text."""

    id: str
    dataset: str
    split: str | None = None
    lang: str | None = None
    page_type: str | None = None
    title: str | None = None
    raw_text: str | None = None
    gold: str | None = None
    html: str | None = None
    must_keep: tuple[str, ...] = ()
    must_drop: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()


def read_gold(path: Path) -> list[GoldPage]:
    """The pages of a file, or of all Parquet and JSON Lines files of a folder. Those without any label are left out.

    Raises EvaluationError for what is not as it should be.
    """
    pages = [page for file in label_files(path) for page in _read_file(file)]
    if not pages:
        raise EvaluationError(f"{path}: no labelled page is in it")
    return pages


def read_html(path: Path, ids: set[str]) -> dict[str, str]:
    """Of those `ids` that are in it the HTML, from a file with the columns id and html. Raises EvaluationError."""
    found = {}
    for file in label_files(path):
        for place, row in _rows(file, ("id", "html")):
            page, html = _id(place, row), _text(place, row, "html")
            if page in ids and html:
                found[page] = html
    return found


def select(
    pages: Sequence[GoldPage],
    split: str | None = None,
    page_type: str | None = None,
    datasets: Sequence[str] = (),
) -> list[GoldPage]:
    """The pages of a split, of a page type (or of none), of data sets; None and () ask for all.

    Raises EvaluationError, naming what there is, where one of those asked for does not occur.
    """
    for name, wanted, there in (
        ("split", [split], {page.split for page in pages}),
        ("page_type", [page_type], {page.page_type for page in pages}),
        ("dataset", datasets, {page.dataset for page in pages}),
    ):
        for value in wanted:
            if value is not None and value not in there:
                known = ", ".join(sorted(v for v in there if v)) or "none"
                raise EvaluationError(f"no labelled page has the {name} {value!r}; there are: {known}")
    found = [
        page
        for page in pages
        if split in (None, page.split)
        and (page_type is None or page.page_type in (page_type, None))
        and (not datasets or page.dataset in datasets)
    ]
    if not found:
        raise EvaluationError("no labelled page is in that split, page type and data set at once")
    return found


def label_files(path: Path) -> list[Path]:
    """The file itself, or those of a folder."""
    if not path.is_dir():
        return [path]
    files = sorted(file for pattern in ("*.parquet", "*.jsonl", "*.jsonl.*") for file in path.glob(pattern))
    if not files:
        raise EvaluationError(f"{path}: no .parquet or .jsonl file is in this folder")
    return files


def _read_file(file: Path) -> Iterator[GoldPage]:
    seen: set[str] = set()
    for place, row in _rows(file, _COLUMNS):
        seen |= row.keys()
        page = _page(place, row, file.name.split(".")[0])
        if page.gold or page.must_keep or page.must_drop or page.lines:
            yield page
    if seen and not seen & set(_LABELS):
        raise EvaluationError(
            f"{file}: none of the columns {', '.join(_LABELS)} is there: nothing to measure against"
        )


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, row) of each row, with those of `columns` that it has."""
    try:
        with file.open("rb") as opened:
            is_parquet = opened.read(len(_PARQUET)) == _PARQUET
        yield from _parquet_rows(file, columns) if is_parquet else _json_rows(file, columns)
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EvaluationError(f"{file}: {reason}") from error


def _parquet_rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    with pq.ParquetFile(file) as parquet:
        there = [name for name in columns if name in parquet.schema_arrow.names]
        if "id" not in there:
            raise EvaluationError(
                f"{file}: no column 'id'; there are: {', '.join(parquet.schema_arrow.names)}"
            )
        number = 0
        for batch in parquet.iter_batches(256, columns=there):
            for row in batch.to_pylist():
                number += 1
                yield f"{file}: row {number}", row


def _json_rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    with pa.input_stream(file, compression="detect") as stream:
        for number, line in enumerate(stream.read().split(b"\n"), 1):
            if not line.strip():
                continue
            place = f"{file}: line {number}"
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise EvaluationError(f"{place}: neither Parquet nor JSON Lines: {error}") from error
            if not isinstance(row, dict):
                raise EvaluationError(f"{place}: a JSON object is needed, not {_kind(row)}")
            if "id" not in row:
                raise EvaluationError(f"{place}: no field 'id'; there are: {', '.join(row)}")
            yield place, {name: row[name] for name in columns if name in row}


def _page(place: str, row: dict[str, Any], dataset: str) -> GoldPage:
    texts = {"id": _id(place, row)} | {name: _text(place, row, name) for name in _TEXTS}
    snippets = {name: tuple(_list(place, row, name, str)) for name in _SNIPPETS}
    lines = tuple(_line(place, pair) for pair in _list(place, row, "lines", list))
    if lines:
        # A page labelled line by line holds the rest as well.
        texts["raw_text"] = "\n".join(text for text, _ in lines)
        texts["gold"] = texts["gold"] or "\n".join(text for text, label in lines if label == BODY)
        title = next((text for text, label in lines if label == "title"), None)
        texts["title"] = texts["title"] or title
    if not texts["id"]:
        raise EvaluationError(f"{place}: 'id' is empty")
    fields: dict[str, Any] = texts | snippets
    return GoldPage(**fields | {"dataset": texts["dataset"] or dataset, "lines": lines})


def _id(place: str, row: dict[str, Any]) -> str | None:
    """A whole number is the text of it, as it is in records."""
    value = row.get("id")
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else _text(place, row, "id")


def _text(place: str, row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise EvaluationError(f"{place}: '{name}' is {_kind(value)}, not text")
    return value


def _list(place: str, row: dict[str, Any], name: str, of: type[T]) -> list[T]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, of) for item in value):
        wanted = "a list of texts" if of is str else "a list of [line, label]"
        wrong = (
            value if not isinstance(value, list) else next(item for item in value if not isinstance(item, of))
        )
        inside = "" if wrong is value else "a list with "
        raise EvaluationError(f"{place}: '{name}' is {inside}{_kind(wrong)}, not {wanted}")
    return value


def _line(place: str, pair: list[Any]) -> tuple[str, str]:
    if len(pair) != 2 or not all(isinstance(item, str) for item in pair):
        raise EvaluationError(f"{place}: 'lines' holds {str(pair)[:80]}, not [line, label]")
    line, label = pair
    if "\n" in line:
        raise EvaluationError(f"{place}: 'lines' holds a line with a line break in it: {line[:80]!r}")
    unknown = [name for name in label.split("|") if name not in CATEGORIES and name not in (BODY, BLANK)]
    if unknown:
        accepted = ", ".join((BODY, BLANK, *CATEGORIES))
        raise EvaluationError(
            f"{place}: 'lines' has the label {unknown[0]!r}; it should be one of {accepted}"
        )
    return line, label


def _kind(value: object) -> str:
    """What JSON calls it."""
    names = {
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "null" if value is None else type(value).__name__)
