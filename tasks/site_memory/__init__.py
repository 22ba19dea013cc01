"""Site memory: on how many of a site's pages each line stands, and what that says of a line.

`count` makes one row of each line of each page, `merge` adds what a run has counted to what earlier runs have,
`SiteMemory` answers how often a line was seen and weighs that against the line model. Knows tables, and no files.
"""

from tasks.site_memory.count import count
from tasks.site_memory.memory import REPEATED, SiteMemory
from tasks.site_memory.merge import merge

__all__ = ["REPEATED", "SiteMemory", "count", "merge"]
