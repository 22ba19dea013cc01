"""`wirebrush explain`: one document line by line, with what was decided on each piece and why."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from rich.console import Console
from rich.text import Text

from flows.printable import printable
from flows.refusals import refusal
from flows.settings import Settings, SettingsError
from tasks.ingest import list_sources, plan_units, read_shard
from tasks.language import Language, detect_language
from tasks.strip import Span, Stripped, strip_text
from tasks.strip.lines.breaks import even

if TYPE_CHECKING:
    from tasks.site_memory import SiteMemory


@dataclass(frozen=True, slots=True)
class Document:
    """What is explained: the decoded (for HTML: extracted) text and what came with it."""

    text: str
    hints: bytes | None = None
    url: str | None = None
    site: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the text, or a part of one: kept where `span` is None. `line` counts from 1."""

    line: int
    text: str
    span: Span | None


class Unreadable(ValueError):
    """The file holds no document that could be explained; the message says why."""


def explain_file(file: str, settings: Settings, as_json: bool = False, output: Path | None = None) -> int:
    """Print what becomes of the first document of a file (`-`: of standard input). Returns the exit status.

    A document that would be rejected ends in status 1, after its lines where it has any. Raises SourceNotFound for a
    file, and SettingsError for an output, that is not there.
    """
    if output is not None and not output.is_dir():
        raise SettingsError(f"output: {output}: no such folder")
    try:
        document = read_stdin(settings) if file == "-" else read_document(file, settings)
    except Unreadable as error:
        print(f"wirebrush: {printable(file)}: {printable(str(error))}", file=sys.stderr)
        return 1
    stripped = strip_text(
        document.text,
        url=document.url,
        site=document.site,
        title=document.title,
        hints=document.hints,
        settings=settings.strip(),
        memory=_memory(output, document.site) if settings.site_memory else None,
    )
    language = detect_language(stripped.text)
    refused = refusal(document.text, stripped.text, language, settings)
    if as_json:
        print(json.dumps(as_dict(document, stripped) | {"rejected": refused}, ensure_ascii=True, indent=2))
    else:
        console = Console(file=sys.stdout, highlight=False, emoji=False)
        show(document, stripped, console)
        verdict = _verdict(document, stripped, language, refused)
        console.print(verdict, soft_wrap=True, style="bold", markup=False)
    return 1 if refused else 0


def _memory(output: Path | None, site: str | None) -> "SiteMemory | None":
    """What the runs that wrote to `output` know of the site."""
    if output is None or site is None:
        return None
    from tasks.site_memory import REPEATED, SiteMemory
    from tasks.write import Layout, load_sites

    return SiteMemory(*load_sites(Layout(output), REPEATED, site))


def read_stdin(settings: Settings) -> Document:
    """The document on standard input, in whatever format it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stdin"
        path.write_bytes(sys.stdin.buffer.read())
        return read_document(str(path), settings)


def read_document(file: str, settings: Settings) -> Document:
    """The first document of a file, extracted if it is HTML. Raises Unreadable with the reject's reason."""
    for unit in plan_units(list_sources([file]), settings.ingest()):
        for shard in unit.shards:
            for documents, rejects in read_shard(shard, settings.ingest()):
                if documents.num_rows:
                    return _document(documents.slice(0, 1), settings)
                if rejects.num_rows:
                    raise Unreadable(_reason(rejects))
    raise Unreadable("empty: there is no document in it")


def _document(documents: pa.Table, settings: Settings) -> Document:
    if documents["text"][0].as_py() is None:
        from flows.clean_shard import extract_options
        from tasks.extract import extract

        documents, rejects = extract(documents, extract_options(settings))
        if not documents.num_rows:
            raise Unreadable(_reason(rejects))
    row = documents.to_pylist()[0]
    return Document(row["text"], row["hints"], row["url"], row["site"], row["title"])


def _reason(rejects: pa.Table) -> str:
    row = rejects.to_pylist()[0]
    return f"{row['reason']}: {row['detail'] or 'no detail'}"


def pieces(text: str, spans: tuple[Span, ...]) -> Iterator[Piece]:
    """The text cut at line ends and at the ends of spans, in order; blank kept pieces are left out."""
    cuts = []
    at = 0
    for span in spans:
        cuts += [(at, span.start, None), (span.start, span.end, span)]
        at = span.end
    cuts.append((at, len(text), None))
    # What ends a line for the stages that judged it does so here, with no offset moved.
    text = even(pa.array([text], pa.large_string()))[0].as_py()
    line = 1
    for start, end, decided in cuts:
        for number, part in enumerate(text[start:end].split("\n")):
            line += number > 0
            if part.strip():
                yield Piece(line, part.strip(), decided)


def show(document: Document, stripped: Stripped, console: Console) -> None:
    """Print pieces one a line: kept ones as they are, removed ones after the reason why."""
    found = list(pieces(document.text, stripped.spans))
    width = max([len(_label(piece)) for piece in found], default=0)
    for piece in found:
        label = _label(piece)
        line = Text()
        line.append(f"{piece.line:>4} ", style="dim")
        if piece.span is None:
            line.append("  " + " " * width + "  ")
            line.append(printable(piece.text))
        else:
            line.append("- ", style="red")
            line.append(label.ljust(width) + "  ", style="cyan")
            line.append(printable(piece.text), style="dim")
        console.print(line, soft_wrap=True)


def _label(piece: Piece) -> str:
    return f"{piece.span.category} {piece.span.rule} {piece.span.score:.2f}" if piece.span else ""


def _verdict(document: Document, stripped: Stripped, language: Language, refused: str | None) -> str:
    removed = sum(len("".join(document.text[span.start : span.end].split())) for span in stripped.spans)
    share = removed / max(1, len("".join(document.text.split())))
    title = printable(document.title or stripped.title or "(none)")
    told = f"{language.language} ({language.confidence})"
    verdict = f"\ntitle: {title}\nlanguage: {told}\nremoved: {100 * share:.0f} % of the text"
    return f"{verdict}\nrejected: {refused}" if refused else verdict


def as_dict(document: Document, stripped: Stripped) -> dict[str, Any]:
    """The same for machines."""
    return {
        "title": document.title or stripped.title,
        "text": stripped.text,
        "spans": [asdict(span) | {"text": document.text[span.start : span.end]} for span in stripped.spans],
        "lines": [
            {"line": piece.line, "text": piece.text, "category": piece.span.category if piece.span else None}
            for piece in pieces(document.text, stripped.spans)
        ],
    }
