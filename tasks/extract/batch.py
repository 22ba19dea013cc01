"""A batch of documents: HTML becomes text, text passes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import DOCUMENTS, RAW_LIMIT, REJECTS
from tasks.extract.options import ExtractOptions, Extractor
from tasks.extract.page import Page, extract_page
from tasks.extract.workers import run_each
from tasks.site import site_of

#: The columns a page's metadata may fill where the input had nothing.
_METADATA = ("title", "byline", "published", "url")


def extract(
    documents: pa.Table,
    options: ExtractOptions | None = None,
    work: Callable[[str, str | None, Extractor], Page] = extract_page,
) -> tuple[pa.Table, pa.Table]:
    """(DOCUMENTS with `text` set and `html` null, REJECTS) of a DOCUMENTS table, in its order.

    Of a page all text is taken, and `hints` say what the extractor and the markup hold of each of its lines.

    Pages are extracted in worker processes by `work`, which must be importable there. One that takes too long
    is a `timeout`, one that gives nothing or kills its worker `extraction_failed`, one above the limit
    `too_large`. Rows with text are not touched.
    """
    options = options or ExtractOptions()
    size = pc.fill_null(pc.binary_length(documents["html"]), 0)
    rows = np.flatnonzero(pc.is_valid(documents["html"]).to_numpy(zero_copy_only=False))
    if not rows.size:
        return documents, REJECTS.empty_table()
    large = pc.greater(size, options.max_html_bytes).to_numpy(zero_copy_only=False)
    todo = [int(row) for row in rows if not large[row]]
    html, url = documents["html"], documents["url"]
    arguments = ((html[row].as_py(), url[row].as_py(), options.extractor) for row in todo)
    pages = dict(
        zip(todo, run_each(work, arguments, options.timeout_seconds, options.processes), strict=True)
    )
    columns = {name: documents[name].to_pylist() for name in ("text", "hints", "site", *_METADATA)}
    rejected: dict[int, tuple[str, str]] = {}
    for row in map(int, rows):
        if large[row]:
            detail = f"the page has {size[row].as_py():,} bytes, the limit is {options.max_html_bytes:,}"
            rejected[row] = ("too_large", detail)
            continue
        page = pages[row]
        if isinstance(page, Page) and page.text:
            _fill(columns, row, page)
        else:
            rejected[row] = _failure(page)
    return _kept(documents, columns, rejected), _rejects(documents, rejected)


def _fill(columns: dict[str, list[Any]], row: int, page: Page) -> None:
    columns["text"][row], columns["hints"][row] = page.text, page.hints
    if columns["url"][row] is None and page.url:
        columns["site"][row] = site_of(page.url) or columns["site"][row]
    for name in _METADATA:
        if columns[name][row] is None:
            columns[name][row] = getattr(page, name)


def _failure(page: Page | Exception) -> tuple[str, str]:
    if isinstance(page, TimeoutError):
        return "timeout", str(page)
    if isinstance(page, Exception):
        return "extraction_failed", f"{type(page).__name__}: {page}"[:1000]
    return "extraction_failed", "no text found in the page"


def _kept(documents: pa.Table, columns: dict[str, list[Any]], rejected: dict[int, Any]) -> pa.Table:
    columns["html"] = [None] * documents.num_rows
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else documents[field.name]
        for field in DOCUMENTS
    ]
    keep = np.ones(documents.num_rows, dtype=bool)
    keep[list(rejected)] = False
    return pa.table(arrays, schema=DOCUMENTS).filter(pa.array(keep))


def _rejects(documents: pa.Table, rejected: dict[int, tuple[str, str]]) -> pa.Table:
    if not rejected:
        return REJECTS.empty_table()
    rows = documents.take(pa.array(list(rejected), pa.int64()))
    reasons, details = zip(*rejected.values(), strict=True)
    raw = pc.binary_slice(pc.cast(rows["html"], pa.large_binary()), 0, RAW_LIMIT)
    arrays = [
        rows["source"],
        rows["source_index"],
        rows["doc_id"],
        reasons,
        details,
        pc.cast(raw, pa.binary()),
    ]
    return pa.table(arrays, schema=REJECTS)
