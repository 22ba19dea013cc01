"""What a user may set about extraction."""

from dataclasses import dataclass
from typing import Literal

Extractor = Literal["trafilatura", "resiliparse"]


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """Limits hold for each page; `max_html_bytes` is counted in UTF-8."""

    extractor: Extractor = "trafilatura"
    timeout_seconds: float = 20
    max_html_bytes: int = 16 << 20
    processes: int = 1
