"""Charts as SVG: no library, no script, nothing loaded from elsewhere."""

from base64 import b64encode
from collections.abc import Sequence

from flows.report.summary import Summary
from flows.report.text import in_html, percent


def bar(share: float) -> str:
    """A bar of a table's row. It says nothing that the row does not say in figures."""
    width = f"{100 * min(max(share, 0.0), 1.0):.2f}%"
    return (
        f'<svg class="bar" aria-hidden="true"><rect class="rest" width="100%"/><rect width="{width}"/></svg>'
    )


def trend(values: Sequence[float], label: str) -> str:
    """A line through one figure of several runs, the last one marked; `values` are shares from 0 to 1."""
    top = max([*values, 0.01])
    step = 300 / max(1, len(values) - 1)
    points = [(round(step * place, 1), round(56 - 52 * value / top, 1)) for place, value in enumerate(values)]
    line = " ".join(f"{x},{y}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg class="trend" viewBox="-6 0 312 60" role="img" aria-label="{in_html(label)}">'
        f'<polyline points="{line}"/><circle cx="{x}" cy="{y}" r="4"/></svg>'
    )


def image(summary: Summary, width: int = 720) -> str:
    """The run at a glance as a data URI: what became of the documents, and what was removed most."""
    totals = summary.totals
    parts = [
        ("records", totals.records, totals.documents, "#2a9d63"),
        ("rejects", totals.rejects, totals.documents, "#d0612c"),
    ]
    chars = sum(totals.categories.values())
    largest = sorted(totals.categories.items(), key=lambda entry: (-entry[1], entry[0]))[:8]
    parts += [(name, number, chars, "#4778c7") for name, number in largest]
    # A grey that can be read on white and on black: an image does not know what it stands on.
    rows = []
    for place, (name, number, whole, colour) in enumerate(parts):
        y = 26 * place + (16 if place > 1 else 4)
        length = (width - 330) * (number / whole if whole else 0)
        rows.append(
            f'<text x="150" y="{y + 14}" text-anchor="end">{in_html(name)}</text>'
            f'<rect x="160" y="{y}" width="{length:.1f}" height="18" rx="3" fill="{colour}"/>'
            f'<text x="{166 + length:.1f}" y="{y + 14}">{number:,} ({percent(number, whole)})</text>'
        )
    height = 26 * len(parts) + 16
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="13" fill="#808891">{"".join(rows)}</svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"
