"""The memory of sites as reports and people look at it: the lines that a site repeats, and which of them are new."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.write.layout import Layout
from tasks.write.memory import load_sites, memory_state

#: Share of a site's pages from which a line is shown as part of its template, and pages it is on at least.
TEMPLATE_SHARE, TEMPLATE_PAGES = 0.2, 1.5


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A line that a site repeats: on how many pages, where on them, and in which runs it was seen."""

    text: str
    pages: float
    where: str
    first_seen: int
    last_seen: int


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site and the lines it repeats: those at the top of its pages first, of each place those on most pages first."""

    site: str
    pages: float
    first_seen: int
    last_seen: int
    lines: list[SiteLine] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Template:
    """What a report says of a site: its pages, its template's lines with the pages that have each, and the lines that
    came or went since the run before."""

    site: str
    pages: float
    lines: list[tuple[str, float]]
    new: list[str]
    vanished: list[str]


def site_view(layout: Layout, site: str) -> SiteView | None:
    """What is known of a site; None where that is nothing."""
    sites, lines = load_sites(layout, TEMPLATE_PAGES, site)
    if not sites.num_rows:
        return None
    row = sites.to_pylist()[0]
    lines = _in_place(lines)
    found = [
        SiteLine(line["text"], line["pages"], _where(line), line["first_seen"], line["last_seen"])
        for line in lines.to_pylist()
    ]
    return SiteView(site, row["pages"], row["first_seen"], row["last_seen"], found)


def _where(line: dict[str, Any]) -> str:
    return max(("top", "middle", "end"), key=lambda place: line[place])


def _in_place(lines: pa.Table) -> pa.Table:
    thirds = np.stack([lines[name].to_numpy() for name in ("top", "middle", "end")])
    order = np.lexsort((lines["line"].to_numpy(), -lines["pages"].to_numpy(), thirds.argmax(axis=0)))
    return lines.take(pa.array(order))


def templates(layout: Layout, sites_shown: int, lines_shown: int) -> list[Template]:
    """The templates of the sites with most pages, and what is new or gone in them since the run before the last."""
    run = memory_state(layout).run
    sites, _ = load_sites(layout, np.inf)
    order = [("pages", "descending"), ("site", "ascending")]
    out = []
    for row in sites.sort_by(order).slice(0, sites_shown).to_pylist():
        _, lines = load_sites(layout, max(TEMPLATE_PAGES, TEMPLATE_SHARE * row["pages"]), row["site"])
        lines = lines.sort_by([("pages", "descending"), ("line", "ascending")])
        new: list[str] = []
        gone: list[str] = []
        if row["first_seen"] < run == row["last_seen"]:
            new = lines.filter(pc.equal(lines["first_seen"], run))["text"].slice(0, lines_shown).to_pylist()
            # Gone with this run: seen in the one before, and on none of the pages since.
            gone = (
                lines.filter(pc.equal(lines["last_seen"], run - 1))["text"].slice(0, lines_shown).to_pylist()
            )
        top = lines.slice(0, lines_shown)
        found = list(zip(top["text"].to_pylist(), top["pages"].to_pylist(), strict=True))
        out.append(Template(row["site"], row["pages"], found, new, gone))
    return out
