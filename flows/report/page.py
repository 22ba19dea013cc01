"""The report as one HTML page for people: charts, filters, documents before and after. It needs nothing else."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from flows.report.charts import bar, trend
from flows.report.summary import Report, Summary
from flows.report.table import Table
from flows.report.tables import tables
from flows.report.text import in_html, percent
from schemas import CATEGORIES
from tasks.write import Piece, Sample

#: Tables of which a reader may want to see some rows only.
_FILTERED = {"Removed, by site", "Languages", "Failed shards"}

#: Columns of names; all others hold figures, which are not broken.
_SET = dict.fromkeys(("category", "reason", "site", "language", "what", "shard", "step"), "name")

#: Samples that are open from the start.
_OPEN = 2


def page(report: Report) -> str:
    """The page. Its own style and its own script are all that a browser will run: it knows them by their hash."""
    style, script = _style(), _resource("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            "<title>Wirebrush run report</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            *_body(report),
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _body(report: Report) -> Iterator[str]:
    summary = report.summary
    yield "<header>"
    yield f"<h1>{in_html(summary.message)}</h1>"
    moments = [m.strftime("%Y-%m-%d %H:%M:%S %Z") for m in (summary.started, summary.finished) if m]
    yield f'<p class="dim">Run {in_html(summary.run_id)}, {" to ".join(moments)}</p>'
    yield _tiles(summary)
    yield "</header>"
    yield "<main>"
    if summary.drift:
        items = "".join(f"<li>{in_html(drift.message)}</li>" for drift in summary.drift)
        yield f'<section class="warning" role="note"><h2>Unlike before</h2><ul>{items}</ul></section>'
    if report.samples:
        yield from _samples(report.samples)
    yield '<h2>Figures</h2><div class="columns">'
    for number, table in enumerate(tables(summary, report.previous)):
        if table.rows and table.title != "Unlike before":
            yield _table(table, f"table-{number}")
    yield from _trends(report)
    yield "</div>"
    yield "</main>"
    yield f"<footer>Schema {in_html(summary.schema_version)}. All figures are in summary.json beside this page.</footer>"


def _tiles(summary: Summary) -> str:
    totals = summary.totals
    figures = (
        ("read", f"{totals.documents:,}"),
        ("records", f"{totals.records:,}"),
        ("rejects", f"{totals.rejects:,}"),
        ("text removed", percent(totals.removed_chars, totals.raw_chars)),
        ("sites", f"{len(totals.sites):,}"),
        ("languages", f"{len(totals.languages):,}"),
    )
    tiles = "".join(f"<div><dt>{name}</dt><dd>{figure}</dd></div>" for name, figure in figures)
    return f'<dl class="tiles">{tiles}</dl>'


def _table(table: Table, name: str) -> str:
    """A table whose rows have a bar each, where there is a share to draw."""
    extra = '<th scope="col"><span class="unseen">chart</span></th>' if table.bars else ""
    shown = [column for column in table.columns if column != "meaning"]
    head = "".join(f'<th scope="col">{column}</th>' for column in shown) + extra
    rows = []
    for place, row in enumerate(table.rows):
        named = dict(zip(table.columns, map(in_html, row), strict=True))
        if meaning := named.pop(
            "meaning", ""
        ):  # below the name: a column of its own would take the room of all others
            named[table.columns[0]] += f'<br><span class="meaning">{meaning}</span>'
        cells = "".join(
            f'<td class="{_SET.get(column, "figure")}">{cell}</td>' for column, cell in named.items()
        )
        chart = f'<td class="chart">{bar(table.bars[place])}</td>' if table.bars else ""
        rows.append(f"<tr>{cells}{chart}</tr>")
    search = ""
    if table.title in _FILTERED:
        search = (
            f'<p class="filter" hidden><label>Show rows with <input type="search" data-rows="{name}"></label> '
            f'<span class="dim" id="{name}-shown" role="status"></span></p>'
        )
    body = "\n".join(rows)
    return (
        f'<section aria-labelledby="{name}-title"><h2 id="{name}-title">{table.title}</h2>{search}\n'
        f'<table id="{name}"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></section>'
    )


def _trends(report: Report) -> Iterator[str]:
    runs = [run for run in [*report.history, report.summary] if run.totals.documents]
    if len(runs) < 2:
        return
    yield f"<section><h2>The last {len(runs)} runs</h2>"
    for name, values in (
        ("text removed", [run.totals.removed_share for run in runs]),
        ("rejected", [run.totals.rejects / run.totals.documents for run in runs]),
    ):
        words = (
            f"{name}: {100 * values[-1]:.1f} %, from {100 * min(values):.1f} % to {100 * max(values):.1f} %"
        )
        yield f"<p>{words}</p>{trend(values, words)}"
    yield "</section>"


def _samples(samples: list[Sample]) -> Iterator[str]:
    shown = {piece.category for sample in samples for piece in sample.pieces if piece.category}
    yield '<section aria-labelledby="samples"><h2 id="samples">Before and after</h2>'
    yield (
        "<p>What was taken out is marked by category; point at it or move there with the Tab key to see "
        "the rule that decided, and its score.</p>"
    )
    boxes = "".join(
        f'<label><input type="checkbox" checked data-category="{name}"> <span class="key k-{name}"></span> {name}</label>'
        for name in CATEGORIES
        if name in shown
    )
    yield (
        f'<fieldset class="filter" hidden><legend>Show what was removed as</legend>{boxes}'
        '<button type="button" data-check="all">all</button> <button type="button" data-check="none">none</button></fieldset>'
    )
    for number, sample in enumerate(samples):
        yield _sample(sample, number)
    yield "</section>"


def _sample(sample: Sample, number: int) -> str:
    size = f"{sample.raw_chars:,} characters, {100 * sample.removed_share:.0f} % removed"
    facts = f"{sample.site or 'no site'}, {sample.language}, {size}"
    before = "".join(
        _piece(piece, f"why-{number}-{place}", place) for place, piece in enumerate(sample.pieces)
    )
    return (
        f'<details class="sample"{" open" if number < _OPEN else ""}>'
        f'<summary><h3 dir="auto">{in_html(sample.title or sample.doc_id)}</h3> '
        f'<span class="dim">{in_html(facts)}</span></summary><div class="sides">'
        f'<div class="side"><h4>Before</h4><div class="text" dir="auto">{before}</div></div>'
        f'<div class="side"><h4>After</h4><div class="text" dir="auto">{_lines(sample.text)}</div></div>'
        "</div></details>"
    )


def _piece(piece: Piece, name: str, place: int) -> str:
    gap = "\n" if place and piece.breaks else ""
    if piece.category is None:
        return gap + _lines(piece.text)
    category = piece.category if piece.category in CATEGORIES else "boilerplate"
    why = in_html(f"{piece.category}: {piece.rule}, score {piece.score:.2f}")
    return (
        f'{gap}<del class="removed k-{category}" data-category="{category}" tabindex="0" aria-describedby="{name}">'
        f'{_lines(piece.text)}<span class="why" role="tooltip" id="{name}">{why}</span></del>'
    )


def _lines(text: str) -> str:
    """Text in HTML that keeps its line breaks and shows other control characters as escapes."""
    return "\n".join(in_html(line) for line in text.split("\n"))


def _style() -> str:
    """The page's style, with a hue for each category."""
    # Steps of the golden angle set neighbours in the list far apart.
    hues = "".join(
        f".k-{name} {{ --hue: {137.5 * place % 360:.0f}; }}\n" for place, name in enumerate(CATEGORIES)
    )
    return _resource("page.css") + hues


def _resource(name: str) -> str:
    return files("flows.report").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """What stands for an inline style or script in the page's security policy."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
