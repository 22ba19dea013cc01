"""A table of the report."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Figures are text already, names are as they came. `bars`: a share from 0 to 1 a row, or none at all."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    bars: tuple[float, ...] = ()

    def __iter__(self) -> Any:
        return iter((self.title, self.columns, self.rows))
