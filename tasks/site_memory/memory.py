"""What is known of the lines of sites, as the strip stage asks for it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.hashing import Hashes, hash64, mix
from tasks.site_memory.count import line_hashes
from tasks.site_memory.evidence import against_main, weigh
from tasks.strip.lines import Lines
from tasks.strip.site_evidence import Weighed

#: Lines on fewer pages than this say nothing, and are not loaded.
REPEATED = 1.5


@dataclass(frozen=True)
class SiteMemory:
    """`sites`: site and pages of `schemas.SITES`; `lines`: site, line and pages of `schemas.SITE_LINES`."""

    sites: pa.Table
    lines: pa.Table

    def pages(self, sites: pa.ChunkedArray, lines: Lines) -> tuple[npt.NDArray[np.float64], ...]:
        """Of each line: the pages of its document's site that have it (0: at most one), and the site's pages.

        sites: the site of each document.
        """
        known, keys, counts = self._sorted
        row = pc.index_in(sites, value_set=self.sites["site"].combine_chunks())
        row = pc.fill_null(row, -1).to_numpy().astype(np.int64)
        pages = np.append(known, 0.0)[row]
        wanted = _key(hash64(sites)[lines.doc], line_hashes(lines))
        if not len(keys):
            return np.zeros(len(wanted)), pages[lines.doc]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, counts[at], 0.0), pages[lines.doc]

    def against(self, sites: pa.ChunkedArray, lines: Lines) -> npt.NDArray[np.float64]:
        """What each line's site says against its being main text, as log-odds; `sites`: of each document."""
        return against_main(*self.pages(sites, lines))

    def weigh(
        self,
        against: npt.NDArray[np.float64],
        lines: Lines,
        main: npt.NDArray[np.float32],
    ) -> Weighed:
        """The line model's probabilities `main`, one a line, in the light of the site."""
        return weigh(against, main, lines.shape.chars, lines.doc, lines.offsets)

    @cached_property
    def _sorted(self) -> tuple[npt.NDArray[np.float64], Hashes, npt.NDArray[np.float64]]:
        keys = _key(hash64(self.lines["site"]), self.lines["line"].to_numpy())
        order = np.argsort(keys)
        return self.sites["pages"].to_numpy(), keys[order], self.lines["pages"].to_numpy()[order]


def _key(site: Hashes, line: Hashes) -> Hashes:
    """One number for a line of a site."""
    return mix(site + line)
