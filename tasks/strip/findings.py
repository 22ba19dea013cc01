"""What the finders say about lines, side by side, before anything is decided."""

from dataclasses import dataclass, field

import numpy as np

from schemas import CATEGORIES
from tasks.strip.lines import Bools, Floats, Ints

CATEGORY_CODES: dict[str, int] = {name: code for code, name in enumerate(CATEGORIES)}
CATEGORY_NAMES: tuple[str, ...] = tuple(CATEGORIES)
NONE = -1


@dataclass(slots=True)
class Verdicts:
    """The standing verdict on each line: category code (NONE: kept), rule index, score."""

    category: Ints
    rule: Ints
    score: Floats
    rules: list[str] = field(default_factory=list)

    @classmethod
    def none(cls, lines: int) -> "Verdicts":
        """All kept."""
        return cls(np.full(lines, NONE), np.full(lines, NONE), np.zeros(lines, np.float32))

    def say(self, where: Bools | Ints, category: str, rule: str, score: float) -> None:
        """Put a verdict on the lines `where`, over what stood there."""
        if rule not in self.rules:
            self.rules.append(rule)
        self.category[where] = CATEGORY_CODES[category]
        self.rule[where] = self.rules.index(rule)
        self.score[where] = score

    def clear(self, where: Bools | Ints) -> None:
        """Keep the lines `where`."""
        self.category[where] = NONE
        self.rule[where] = NONE
        self.score[where] = 0

    def of(self, *categories: str) -> Bools:
        """Which lines stand under one of the categories."""
        return np.isin(self.category, [CATEGORY_CODES[c] for c in categories])

    @property
    def removed(self) -> Bools:
        """Which lines leave the text."""
        return self.category != NONE
