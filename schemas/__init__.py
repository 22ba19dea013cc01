"""What flows between the stages and what lies on disk. Knows nobody else in the project."""

from schemas.categories import CATEGORIES, METADATA_CATEGORIES
from schemas.datasets import (
    CLUSTERS,
    DATASETS,
    PASSAGES,
    RECORDS,
    REJECTS,
    RELATION_COLUMNS,
    REMOVALS,
    SCHEMA_VERSION,
    SITE_LINES,
    SITES,
    SOURCES,
)
from schemas.documents import (
    DOCUMENTS,
    HINT_HEADING,
    HINT_IMAGE,
    HINT_ITEM,
    HINT_LINKS,
    HINT_MAIN,
    HINT_OCTETS,
    HINT_PARAGRAPH,
    RAW_LIMIT,
    REJECT_REASONS,
)

__all__ = [
    "CATEGORIES",
    "CLUSTERS",
    "DATASETS",
    "DOCUMENTS",
    "HINT_HEADING",
    "HINT_IMAGE",
    "HINT_ITEM",
    "HINT_LINKS",
    "HINT_MAIN",
    "HINT_OCTETS",
    "HINT_PARAGRAPH",
    "METADATA_CATEGORIES",
    "PASSAGES",
    "RAW_LIMIT",
    "RECORDS",
    "REJECTS",
    "REJECT_REASONS",
    "RELATION_COLUMNS",
    "REMOVALS",
    "SCHEMA_VERSION",
    "SITES",
    "SITE_LINES",
    "SOURCES",
]
