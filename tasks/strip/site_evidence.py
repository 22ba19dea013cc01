"""What strip asks of whoever knows a document's site. It is answered by tasks.site_memory, of which strip knows nothing."""

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from tasks.strip.lines import Bools, Doubles, Floats, Lines


@dataclass(frozen=True, slots=True)
class Weighed:
    """Per line: the probability of main text with the evidence taken in, and why it fell."""

    main: Floats
    #: The site says it on many pages.
    template: Bools
    #: The site's template stands between it and the article.
    apart: Bools


class SiteEvidence(Protocol):
    """What is known of the lines of sites."""

    def against(self, sites: pa.ChunkedArray, lines: Lines) -> Doubles:
        """What each line's site says against its being main text, as log-odds; `sites`: of each document."""
        ...

    def weigh(self, against: Doubles, lines: Lines, main: Floats) -> Weighed:
        """The line model's probabilities `main`, one a line, in the light of what speaks `against` them."""
        ...
