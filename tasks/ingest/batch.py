"""Documents and rejects of a batch on their way into Arrow tables."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from schemas import DOCUMENTS, RAW_LIMIT, REJECTS
from tasks.ingest.decode import Undecodable, decode, without_nul
from tasks.ingest.options import IngestOptions
from tasks.ingest.sources import Source
from tasks.ingest.storage import open_file
from tasks.instant import instant
from tasks.site import site_of


class Batch:
    """Collects until `full`; `take` gives the tables and starts anew."""

    def __init__(self, options: IngestOptions) -> None:
        self.options = options
        self._begun = "", b""
        self._clear()

    def _clear(self) -> None:
        self._documents: list[tuple[Any, ...]] = []
        self._rejects: list[tuple[Any, ...]] = []
        self._bytes = 0

    @property
    def full(self) -> bool:
        rows = len(self._documents) + len(self._rejects)
        return rows >= self.options.batch_documents or self._bytes >= self.options.batch_bytes

    def __bool__(self) -> bool:
        return bool(self._documents or self._rejects)

    def take(self) -> tuple[pa.Table, pa.Table]:
        """(DOCUMENTS, REJECTS) of what was collected."""
        tables = _table(self._documents, DOCUMENTS), _table(self._rejects, REJECTS)
        self._clear()
        return tables

    def reject(
        self,
        source: Source,
        index: int | None,
        reason: str,
        detail: str,
        raw: bytes = b"",
        doc_id: str | None = None,
    ) -> None:
        """`index` is None where it is the file that is at fault; then what it begins with is shown, as it is stored, unless
        it is `unreadable`."""
        if index is None:
            raw = b"" if reason == "unreadable" else self._beginning(source)
        elif doc_id is None:
            doc_id = hashed_id(source, index)
        self._rejects.append((source.path, index, doc_id, reason, detail, raw[:RAW_LIMIT]))
        self._bytes += min(len(raw), RAW_LIMIT)

    def _beginning(self, source: Source) -> bytes:
        """The first RAW_LIMIT bytes of a file, where it can be read; kept, since one file may be at fault many times."""
        if self._begun[0] != source.path:
            try:
                with open_file(source.path) as file:
                    self._begun = source.path, file.read(RAW_LIMIT)
            except OSError:
                self._begun = source.path, b""
        return self._begun[1]

    def add(
        self,
        source: Source,
        index: int,
        *,
        text: str | None = None,
        html: str | None = None,
        doc_id: str | None = None,
        url: str | None = None,
        title: str | None = None,
        byline: str | None = None,
        published: datetime | None = None,
        raw: bytes = b"",
    ) -> None:
        """A document with `text` or, where that is blank, `html`; with neither it is rejected as `empty`."""
        doc_id = doc_id or hashed_id(source, index)
        if text is not None and text and not text.isspace():
            html = None
        elif html is not None and html and not html.isspace():
            text = None
        else:
            self.reject(source, index, "empty", "the text is blank", raw, doc_id)
            return
        site = site_of(url) or source.folder
        self._documents.append(
            (source.path, index, doc_id, url, site, title, byline, published, text, html, None)
        )
        self._bytes += 2 * len(text or html or "")

    def add_bytes(
        self,
        source: Source,
        index: int,
        data: bytes,
        *,
        html: bool,
        charset: str | None = None,
        doc_id: str | None = None,
        url: str | None = None,
    ) -> None:
        """A document in an encoding yet to be found out."""
        try:
            decoded = decode(data, charset, html)
        except Undecodable as error:
            self.reject(source, index, error.reason, str(error), data, doc_id)
            return
        text, page = (None, decoded) if html else (decoded, None)
        self.add(source, index, text=text, html=page, doc_id=doc_id, url=url, raw=data[:RAW_LIMIT])

    def add_fields(self, source: Source, index: int, fields: Mapping[str, Any], raw: bytes = b"") -> None:
        """A document from named fields, as JSONL and Parquet have them; a wrong type is `malformed`.

        Strings hold no lone surrogates. Without `raw` a reject shows the fields themselves.
        """
        names = self.options
        try:
            doc_id = _identifier(fields.get(names.id_field), names.id_field)
        except FieldError as error:
            self.reject(source, index, "malformed", str(error), raw or _shown(fields))
            return
        try:
            if names.text_field not in fields and names.html_field not in fields:
                hint = "--text-field and --html-field name others"
                raise FieldError(f"no field {names.text_field!r} or {names.html_field!r}; {hint}")
            self.add(
                source,
                index,
                text=_string(fields.get(names.text_field), names.text_field),
                html=_string(fields.get(names.html_field), names.html_field, html=True),
                doc_id=doc_id,
                url=_string(fields.get(names.url_field), names.url_field) or None,
                title=_string(fields.get(names.title_field), names.title_field) or None,
                byline=_first_string(fields, "author", "byline"),
                published=_first_time(fields, "published", "date"),
                raw=raw,
            )
        except FieldError as error:
            self.reject(source, index, "malformed", str(error), raw or _shown(fields), doc_id)
        except Undecodable as error:
            self.reject(source, index, error.reason, str(error), raw or _shown(fields), doc_id)


class FieldError(ValueError):
    """A field is missing or has the wrong type."""


def hashed_id(source: Source, index: int) -> str:
    """16 hex digits that stand for a position in a file."""
    return blake2b(f"{source.path}\n{index}".encode(), digest_size=8).hexdigest()


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _string(value: Any, name: str, html: bool = False) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, bytes):
        return decode(value, html=html)
    raise FieldError(f"field {name!r} is {_kind(value)}, not a string")


def _identifier(value: Any, name: str) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    try:
        return _string(value, name) or None
    except (FieldError, Undecodable) as error:
        raise FieldError(f"field {name!r} is {_kind(value)}, not a string or a whole number") from error


def _first_string(fields: Mapping[str, Any], *names: str) -> str | None:
    """The first of `names` that is a string with something in it; anything else there is not for us."""
    found = (fields.get(name) for name in names)
    return next((without_nul(value) for value in found if isinstance(value, str) and value.strip()), None)


def _first_time(fields: Mapping[str, Any], *names: str) -> datetime | None:
    """The first of `names` that is a point in time; anything else there is not for us."""
    return next(filter(None, (instant(fields.get(name)) for name in names)), None)


_KINDS = {
    dict: "an object",
    list: "a list",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    bytes: "bytes",
}


def _shown(fields: Mapping[str, Any]) -> bytes:
    """The first bytes of each field, for the person who looks for the fault."""
    return "\n".join(f"{name}: {value!r:.4096}" for name, value in fields.items()).encode(errors="replace")


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}")
