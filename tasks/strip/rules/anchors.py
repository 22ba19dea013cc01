"""What a line must hold for a pattern to match it, read off the pattern's syntax tree.

Lines are searched for the literals of all rules at once, so that a regex runs only where it may match. A literal is
the better the rarer it is, and it is rarer where its place is known.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_LITERALS_AT_MOST = 64
_UNION_AT_MOST = 1024

# What is known of a literal's place: at the line's start or end, or at least at that of a word.
AT_START, AT_END, STARTS_WORD, ENDS_WORD = 1, 2, 4, 8
_RARER = {AT_START: 2.0, AT_END: 2.0, STARTS_WORD: 1.0, ENDS_WORD: 1.0}

Nodes = list
Literals = frozenset["Anchor"]


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A literal that a match holds; whether it is the match's beginning or end; what stands beside it."""

    text: str
    begins: bool = False
    ends: bool = False
    #: No letter, digit or mark stands directly before it, or after it.
    word_before: bool = False
    word_after: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """What every match of one alternative has.

    `sets`: literals of which each match holds at least one, for each set, the rarest set first; `first`: the
    characters it can begin with ("0" stands for every digit), None where that is open.
    """

    chars: int
    digits: int
    sets: tuple[Literals, ...]
    first: str | None


def ways(nodes: Iterable, left: bool = True, right: bool = True) -> list[Way]:
    """The alternatives of a parsed pattern. `left`, `right`: its matches begin and end at a word's boundary."""
    return [_way(branch, left, right) for branch in _branches(list(nodes))]


def is_letter(char: str) -> bool:
    """Whether a character may count as part of a word: letters, digits, marks, and what Unicode may yet make one."""
    return unicodedata.category(char)[0] in "LNMC"


def rarity(found: Collection[tuple[str, int]]) -> tuple[float, int]:
    """How seldom the least rare of some placed literals is met, to choose between sets: long and bound ones are rare."""
    return min(_weight(text) + sum(_RARER[f] for f in _RARER if flags & f) for text, flags in found), -len(
        found
    )


def _weight(literal: str) -> float:
    """Octets of its letters; of other signs a search in words sees little."""
    if literal.replace(" ", "").isalnum():
        return len(literal.encode()) - 0.5 * literal.count(" ")
    return sum(len(c.encode()) if is_letter(c) else 0.5 for c in literal)


def _branches(nodes: Nodes) -> list[Nodes]:
    if len(nodes) == 1:
        op, value = nodes[0]
        if op is _constants.SUBPATTERN:
            return _branches(list(value[3]))
        if op is _constants.BRANCH:
            return [b for branch in value[1] for b in _branches(list(branch))]
    return [nodes]


def _way(nodes: Nodes, left: bool, right: bool) -> Way:
    first, empty = _first(nodes)
    return Way(
        _parser.SubPattern(_parser.State(), nodes).getwidth()[0],
        _digits(nodes),
        tuple(sorted(set(_required(nodes, True, True, left, right)), key=_rarity, reverse=True)),
        None if first is None or empty else "".join(sorted(first)),
    )


def _rarity(found: Literals) -> tuple[float, int, list[Anchor]]:
    placed = [
        (
            a.text,
            AT_START * a.begins
            | AT_END * a.ends
            | STARTS_WORD * (a.word_before and not a.begins)
            | ENDS_WORD * (a.word_after and not a.ends),
        )
        for a in found
    ]
    return *rarity(placed), sorted(found)


def _required(nodes: Nodes, at_start: bool, at_end: bool, left: bool, right: bool) -> list[Literals]:
    """Sets of literals, of each of which every match holds one. `left`, `right`: what is beside is never a letter."""
    candidates: list[Literals] = []
    runs, begins, opened = (
        [""],
        at_start,
        0,
    )  # all spellings of the run that is being read, from node `opened`

    def flush(stop: int, ends: bool) -> None:
        nonlocal runs, begins, opened
        if all(runs):
            before, after = _apart(nodes, opened, -1, left), _apart(nodes, stop - 1, 1, right)
            candidates.append(frozenset(Anchor(r, begins, ends, before, after) for r in runs))
        runs, begins, opened = [""], False, stop + 1

    for i, (op, value) in enumerate(nodes):
        last = at_end and i == len(nodes) - 1
        spellings = _spellings([(op, value)])
        if spellings is not None and len(runs) * len(spellings) <= _LITERALS_AT_MOST:
            runs = [r + s for r in runs for s in spellings]
            continue
        flush(i, False)
        first = at_start and i == 0
        before, after = _apart(nodes, i, -1, left), _apart(nodes, i, 1, right)
        if spellings is not None:
            runs, begins, opened = spellings, first, i
        elif op is _constants.SUBPATTERN:
            candidates += _required(list(value[3]), first, last, before, after)
        elif op is _constants.BRANCH:
            parts = [_required(list(branch), first, last, before, after) for branch in value[1]]
            if all(parts):
                union = frozenset[Anchor]().union(*(max(p, key=_rarity) for p in parts))
                candidates += [union] if len(union) <= _UNION_AT_MOST else []
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and value[0] >= 1:
            # The first round is where the pattern begins; another may follow it.
            apart = value[1] == 1 or _borders(list(value[2]), 1) == (True, False)
            candidates += _required(list(value[2]), first, last and value[1] == 1, before, after and apart)
    flush(len(nodes), at_end)
    return candidates


def _apart(nodes: Nodes, i: int, step: int, edge: bool) -> bool:
    """Whether next to node i, on the side `step`, there is never a letter. `edge`: the same of what is beside all."""
    i += step
    while 0 <= i < len(nodes):
        apart, empty = _border(nodes[i], step)
        if not apart or not empty:
            return apart
        i += step
    return edge


def _border(node: tuple, step: int) -> tuple[bool, bool]:
    """Whether the node's first (step 1) or last (step -1) character is never a letter, and whether it may be empty."""
    op, value = node
    if op is _constants.LITERAL:
        return not is_letter(chr(value)), False
    if op is _constants.IN:
        return all(_no_letter(*item) for item in value), False
    if op is _constants.SUBPATTERN:
        return _borders(list(value[3]), step)
    if op is _constants.BRANCH:
        parts = [_borders(list(branch), step) for branch in value[1]]
        return all(apart for apart, _ in parts), any(empty for _, empty in parts)
    if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        apart, empty = _borders(list(value[2]), step)
        return apart, empty or value[0] == 0
    return op is _constants.AT, op is _constants.AT


def _borders(nodes: Nodes, step: int) -> tuple[bool, bool]:
    for node in nodes if step > 0 else reversed(nodes):
        apart, empty = _border(node, step)
        if not apart or not empty:
            return apart, False
    return True, True


def _no_letter(op: object, value: Any) -> bool:
    if op is _constants.LITERAL:
        return not is_letter(chr(value))
    if op is _constants.RANGE:
        low, high = value
        return high - low < 256 and not any(is_letter(chr(c)) for c in range(low, high + 1))
    return bool(value is _constants.CATEGORY_SPACE)


def _digits(nodes: Nodes) -> int:
    """Digits that every match holds at least."""
    total = 0
    for op, value in nodes:
        if op is _constants.IN:
            total += value == [(_constants.CATEGORY, _constants.CATEGORY_DIGIT)]
        elif op is _constants.LITERAL:
            total += chr(value) in "0123456789"
        elif op is _constants.SUBPATTERN:
            total += _digits(list(value[3]))
        elif op is _constants.BRANCH:
            total += min(_digits(list(branch)) for branch in value[1])
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            total += value[0] * _digits(list(value[2]))
    return total


def _first(nodes: Nodes) -> tuple[set[str] | None, bool]:
    """Characters that a match can begin with (None: any), and whether it may be empty."""
    out: set[str] = set()
    for op, value in nodes:
        chars: set[str] | None = None
        empty = False
        if op is _constants.LITERAL:
            chars = {chr(value)}
        elif op is _constants.IN:
            chars = set()
            for kind, what in value:
                if kind is _constants.LITERAL:
                    chars.add(chr(what))
                elif kind is _constants.RANGE and what[1] - what[0] < 64:
                    chars |= set(map(chr, range(what[0], what[1] + 1)))
                elif kind is _constants.CATEGORY and what is _constants.CATEGORY_DIGIT:
                    chars.add("0")
                elif kind is _constants.CATEGORY and what is _constants.CATEGORY_SPACE:
                    chars.add(" ")
                else:
                    return None, False
        elif op is _constants.SUBPATTERN:
            chars, empty = _first(list(value[3]))
        elif op is _constants.BRANCH:
            parts = [_first(list(branch)) for branch in value[1]]
            chars = None if any(p is None for p, _ in parts) else set().union(*(p or () for p, _ in parts))
            empty = any(e for _, e in parts)
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            chars, empty = _first(list(value[2]))
            empty = empty or value[0] == 0
        if chars is None:
            return None, False
        out |= chars
        if not empty:
            return out, False
    return out, True


def _spellings(nodes: Nodes) -> list[str] | None:
    """All strings that the nodes match, where those are few; None otherwise."""
    out = [""]
    for op, value in nodes:
        options: list[str] | None
        if op is _constants.LITERAL:
            options = [chr(value)]
        elif op is _constants.IN and len(value) <= 8 and all(o is _constants.LITERAL for o, _ in value):
            options = [chr(c) for _, c in value]
        elif op is _constants.SUBPATTERN:
            options = _spellings(list(value[3]))
        elif op is _constants.BRANCH:
            parts = [_spellings(list(branch)) for branch in value[1]]
            options = None if any(p is None for p in parts) else [s for p in parts for s in p or []]
        elif op is _constants.MAX_REPEAT and value[0] == 0 and value[1] == 1:
            inner = _spellings(list(value[2]))
            options = None if inner is None else ["", *inner]
        else:
            return None
        if options is None or len(out) * len(options) > _LITERALS_AT_MOST:
            return None
        out = [a + b for a in out for b in options]
    return out
