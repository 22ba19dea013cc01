"""What a run has counted, added to what earlier runs have: for the sites of one part of the memory at a time."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas import SITE_LINES, SITES
from tasks.hashing import Hashes
from tasks.site_memory.copies import Sentences, copies, of_original
from tasks.site_memory.count import remembered_prose
from tasks.site_memory.evidence import FEWEST_WITH_THE_LINE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: New pages of a site after which what was known of it counts half.
HALF_LIFE = 2_000
#: Pages of a site that a run takes in at most: those with the smallest hashes, whatever shard they come from.
RUN_PAGES = 20_000
#: Pages of a site that are known as counted, and lines of a site that are kept: the best known, then the latest.
KNOWN_PAGES, KNOWN_LINES = 40_000, 50_000
_FORGOTTEN = 0.5


@dataclass(frozen=True, slots=True)
class _Rows:
    """Counted rows in the order of site, line and page; `pair` numbers the distinct pairs of site and line.

    `counted` has them at `at`: they are not copied, as what a large site says is hundreds of megabytes. `first`: the
    first row of each pair. `pages`: the distinct pairs of site and page, in order.
    """

    counted: pa.Table
    at: Ints
    site: Ints
    page: Hashes
    line: Hashes
    pair: Ints
    first: Ints
    pages: npt.NDArray


def merge(
    sites: pa.Table, lines: pa.Table, counted: pa.Table, run: int, full: bool = False
) -> tuple[pa.Table, pa.Table]:
    """The memory (`schemas.SITES`, `schemas.SITE_LINES`) with a run's COUNTS taken in, whatever the order of their rows.

    (Where pages of a site share an id, the first is taken of equal lines that stand equally high.)

    A page that is known as counted is not counted again, and of an article's copies and versions one alone is. With `full` the
    sites that were counted are learnt anew, as if nothing had been known of them.
    """
    if not counted.num_rows:
        return sites, lines
    if full:
        anew = pc.unique(counted["site"])
        sites = sites.filter(pc.invert(pc.is_in(sites["site"], value_set=anew)))
        lines = lines.filter(pc.invert(pc.is_in(lines["site"], value_set=anew)))
    names = pc.unique(pa.chunked_array([*sites["site"].chunks, *counted["site"].chunks], pa.string())).sort()
    known = _site_numbers(sites["site"], names)
    rows = _new_rows(counted, sites, known, names)
    size = len(names)

    old_site = _site_numbers(lines["site"], names)
    old_line = lines["line"].to_numpy()
    match = _positions(rows, old_site, old_line)
    pages_of = np.zeros(size)
    pages_of[known] = sites["pages"].to_numpy()
    new_pages = rows.pages["site"], rows.pages["other"]
    first_page = np.where(match >= 0, _take(lines["first_page"].to_numpy(), match), rows.page[rows.first])
    seen = np.bincount(rows.pair, minlength=len(rows.first)) + _take(lines["pages"].to_numpy(), match)
    total = pages_of + np.bincount(new_pages[0], minlength=size)
    prose = rows.counted["prose"].to_numpy()[rows.at]
    share = seen / np.maximum(total[rows.site[rows.first]], 1)
    copied, original = copies(
        rows.page,
        Sentences(prose, share[rows.pair], first_page[rows.pair]),
        _and_others(Sentences(prose[rows.first], share, first_page), lines, match, total[old_site]),
        _gone(lines),
    )

    # A line that copies alone have is their article's, and counts once for all of them.
    counting = ~np.isin(rows.page, copied)
    alone = (match < 0) & (np.bincount(rows.pair, counting, minlength=len(match)) == 0)
    counting[rows.first[alone]] = True
    first_page = of_original(first_page, copied, original)

    weight = np.where(np.isin(new_pages[1], copied), 0.0, 1.0)
    counts = np.bincount(new_pages[0], weight, minlength=size).astype(np.float64)
    fade = 0.5 ** (counts / HALF_LIFE)
    out_sites = _sites(sites, known, names, pages_of * fade + counts, counts, new_pages, run)
    table = _lines(lines, old_site, old_line, fade, rows, counting, match, first_page, run, names)
    return out_sites, table


def _site_numbers(column: pa.ChunkedArray, names: pa.Array) -> Ints:
    return pc.index_in(column, value_set=names).to_numpy().astype(np.int64)


def _new_rows(counted: pa.Table, sites: pa.Table, known: Ints, names: pa.Array) -> _Rows:
    """The rows of pages not counted before, at most RUN_PAGES a site, in order and once each."""
    site, page = _site_numbers(counted["site"], names), counted["page"].to_numpy()
    # The rows of a page were counted together: so many fewer are to be sorted.
    start = np.flatnonzero(_changes(site, page))
    counted_pages = _pairs(site[start], page[start])
    pairs = np.unique(counted_pages)
    lists = sites["page_hashes"].combine_chunks()
    before = _pairs(
        np.repeat(known, pc.list_value_length(lists).to_numpy().astype(np.int64)), lists.flatten().to_numpy()
    )
    pairs = pairs[~np.isin(pairs, before)]
    rank = np.arange(len(pairs)) - np.searchsorted(pairs["site"], pairs["site"])
    pairs = pairs[rank < RUN_PAGES]
    at = np.flatnonzero(np.repeat(np.isin(counted_pages, pairs), np.diff(np.append(start, len(site)))))
    line, place = counted["line"].to_numpy()[at], counted["place"].to_numpy()[at]
    order = np.lexsort((place, page[at], line, site[at]))
    at, line = at[order], line[order]
    site, page = site[at], page[at]
    once = _changes(site, line, page)
    at, site, page, line = at[once], site[once], page[once], line[once]
    begins = _changes(site, line)
    return _Rows(counted, at, site, page, line, np.cumsum(begins) - 1, np.flatnonzero(begins), pairs)


def _pairs(site: Ints, other: Hashes) -> npt.NDArray:
    pairs = np.empty(len(site), [("site", np.int64), ("other", np.uint64)])
    pairs["site"], pairs["other"] = site, other
    return pairs


def _changes(*columns: npt.NDArray) -> npt.NDArray[np.bool_]:
    """Whether a row differs from the one before in any of the columns."""
    out = np.zeros(len(columns[0]), np.bool_)
    out[:1] = True
    for column in columns:
        out[1:] |= column[1:] != column[:-1]
    return out


def _positions(rows: _Rows, site: Ints, line: Hashes) -> Ints:
    """For each distinct pair of site and line its row among the known lines (in order), -1 where it is new."""
    known = _pairs(site, line)
    wanted = _pairs(rows.site[rows.first], rows.line[rows.first])
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return np.where(known[at] == wanted, at, -1) if len(known) else np.full(len(wanted), -1)


def _and_others(sentences: Sentences, lines: pa.Table, match: Ints, pages: Floats) -> Sentences:
    """The sentences, and what else is known of the pages that had one of them first.

    pages: those of the site of each of the known `lines`; match: which of these the sentences are.
    """
    first = lines["first_page"].to_numpy()
    other = np.isin(first, sentences.first[match >= 0])
    other[match[match >= 0]] = False
    at = np.flatnonzero(other)
    text = lines["text"].filter(pa.array(other)).cast(pa.large_string()).combine_chunks()
    return Sentences(
        np.concatenate((sentences.prose, remembered_prose(text))),
        np.concatenate((sentences.share, lines["pages"].to_numpy()[at] / np.maximum(pages[at], 1))),
        np.concatenate((sentences.first, first[at])),
    )


def _gone(lines: pa.Table) -> Hashes:
    """The pages of which lines of the site's template are left alone: what they said themselves has faded."""
    first, own = lines["first_page"].to_numpy(), lines["pages"].to_numpy() < FEWEST_WITH_THE_LINE
    return np.setdiff1d(first, first[own])


def _take(values: npt.NDArray, at: Ints) -> npt.NDArray:
    """values[at], and 0 where `at` is -1."""
    return np.where(at >= 0, values[at], 0) if len(values) else np.zeros(len(at), values.dtype)


def _sites(
    old: pa.Table,
    known: Ints,
    names: pa.Array,
    pages: Floats,
    counts: Floats,
    new_pages: tuple[Ints, Hashes],
    run: int,
) -> pa.Table:
    site, page = new_pages
    bounds = np.searchsorted(site, np.arange(len(names) + 1))
    lists: list[npt.NDArray] = [page[a:b] for a, b in pairwise(bounds)]
    touched = np.diff(bounds) > 0
    first = np.full(len(names), run)
    last = np.where(touched, run, 0)
    for row, number in enumerate(known.tolist()):
        earlier = old["page_hashes"][row].values.to_numpy()
        lists[number] = np.concatenate((lists[number], earlier))[:KNOWN_PAGES]
        first[number] = old["first_seen"][row].as_py()
        last[number] = max(last[number], old["last_seen"][row].as_py())
    offsets = np.cumsum([0, *map(len, lists)])
    hashes = np.concatenate(lists) if lists else np.zeros(0, np.uint64)
    return pa.table(
        [
            names,
            pa.array(pages),
            pa.array(first, pa.int32()),
            pa.array(last, pa.int32()),
            pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(hashes, pa.uint64())),
        ],
        schema=SITES,
    )


def _lines(
    old: pa.Table,
    old_site: Ints,
    old_line: Hashes,
    fade: Floats,
    rows: _Rows,
    counts: npt.NDArray[np.bool_],
    match: Ints,
    first_page: Hashes,
    run: int,
    names: pa.Array,
) -> pa.Table:
    """Known lines with faded counts, and the new counts added or appended, as far as they are kept."""
    counted, pair, size = rows.counted, rows.pair, len(rows.first)
    place = counted["place"].to_numpy()[rows.at]
    thirds = [
        counts & (place < 1 / 3),
        counts & (place >= 1 / 3) & (place <= 2 / 3),
        counts & (place > 2 / 3),
    ]
    new = np.flatnonzero(match < 0)
    old_at = match[match >= 0]
    columns: dict[str, npt.NDArray] = {
        "site": np.concatenate((old_site, rows.site[rows.first[new]])),
        "line": np.concatenate((old_line, rows.line[rows.first[new]])),
    }
    for name, which in zip(("pages", "top", "middle", "end"), (counts, *thirds), strict=True):
        added = np.bincount(pair, which, minlength=size)
        values = old[name].to_numpy() * fade[old_site]
        values[old_at] += added[match >= 0]
        columns[name] = np.concatenate((values, added[new]))
    last = old["last_seen"].to_numpy().copy()
    last[old_at] = run
    columns["first_seen"] = np.concatenate((old["first_seen"].to_numpy(), np.full(len(new), run)))
    columns["last_seen"] = np.concatenate((last, np.full(len(new), run)))
    first = rows.first[new]
    columns["first_page"] = np.concatenate((old["first_page"].to_numpy(), first_page[new]))
    for name in ("before", "after"):
        columns[name] = np.concatenate((old[name].to_numpy(), counted[name].to_numpy()[rows.at[first]]))
    keep = _bounded(columns)
    out = {
        name: pa.array(columns[name][keep], SITE_LINES.field(name).type) for name in columns if name != "site"
    }
    out["site"] = names.take(pa.array(columns["site"][keep]))
    # Text is most of what there is, and more than one array of it may hold: `take` would join all of it first, so
    # what is not kept is left out before.
    text = pa.chunked_array([*old["text"].chunks, *counted["text"].chunks], pa.string())
    wanted = np.append(np.arange(len(old)), len(old) + rows.at[first])[keep]
    kept = np.zeros(len(text), np.bool_)
    kept[wanted] = True
    out["text"] = text.filter(pa.array(kept)).take(pa.array((np.cumsum(kept) - 1)[wanted]))
    return pa.table([out[name] for name in SITE_LINES.names], schema=SITE_LINES)


def _bounded(columns: dict[str, npt.NDArray]) -> Ints:
    """The rows that have not faded, at most KNOWN_LINES a site, in the order of site and line: those on most pages, and
    of equals those seen last."""
    site, line, pages = columns["site"], columns["line"], columns["pages"]
    order = np.lexsort((line, -columns["last_seen"], -pages, site))
    rank = np.arange(len(order)) - np.searchsorted(site[order], site[order])
    kept = order[(rank < KNOWN_LINES) & (pages[order] >= _FORGOTTEN)]
    return kept[np.lexsort((line[kept], site[kept]))]
