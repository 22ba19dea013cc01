"""From a rule's patterns to one linear-time regex, and to the literals without which it cannot match.

Patterns are written in the common subset of Python's and RE2's syntax. Python's parser reads them (to find the
literals, and to refuse what RE2 lacks, such as look-around and back-references); RE2 alone runs them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import re2

#: Languages whose words are not set apart by spaces, or carry endings glued on: no word boundaries are asked for.
UNSPACED = frozenset({"zh", "ja", "ko", "th", "lo", "my", "km"})

_LETTER = r"\pL\pN\pM"
_EXPANSIONS = {r"\w": f"[{_LETTER}]", r"\d": r"\p{Nd}", r"\s": " "}
_IN_CLASS = {r"\w": _LETTER, r"\d": r"\p{Nd}", r"\s": " "}
_FORBIDDEN = re.compile(r"\\[bBAZWDSpPGQE]|\(\?[^:]|\(\?$")
_SYNTAX = re.compile(r"[][\\(){}|*+?.^$]")
_LITERALS_AT_MOST = 64

_SELDOM = re.compile(r"[^\w\s.,:;'\"()-]")

# What is known of a literal's place: at the line's start or end, or at least at that of a word.
AT_START, AT_END, STARTS_WORD, ENDS_WORD = 1, 2, 4, 8
_RARER = {AT_START: 2.0, AT_END: 2.0, STARTS_WORD: 1.0, ENDS_WORD: 1.0}


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


def regex_of(patterns: Sequence[str], at: str, language: str) -> str:
    """One RE2 regex for all patterns. `at`: whole, start, end or anywhere in the folded line."""
    body = "|".join(_expand(p) for p in patterns)
    left, right = ("", "") if language in UNSPACED else (f"(?:^|[^{_LETTER}])", f"(?:[^{_LETTER}]|$)")
    return {
        "whole": f"^(?:{body})$",
        "start": f"^(?:{body}){right}",
        "end": f"{left}(?:{body})$",
        "anywhere": f"{left}(?:{body}){right}",
    }[at]


def compile_regex(regex: str) -> Any:
    """Compile for RE2; raises PatternError."""
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 32 << 20  # patterns with counted repeats crawl without room for their states
    try:
        return re2.compile(regex, options)
    except re2.error as e:
        raise PatternError(f"not a linear-time regex: {e.args[0]!r}") from None


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A literal that a match holds, and whether it is the match's beginning or end."""

    text: str
    begins: bool = False
    ends: bool = False


def anchors(pattern: str) -> frozenset[Anchor] | None:
    """Literals of which every match of `pattern` holds at least one; None where there is no such set."""
    if not _SYNTAX.search(pattern):
        return frozenset({Anchor(pattern, True, True)})
    found = _required(list(parse(pattern)), True, True)
    return found or None


def needs_digit(pattern: str) -> bool:
    """Whether every match holds a digit."""
    return "\\d" in pattern and _needs_digit(list(parse(pattern)))


def parse(pattern: str) -> Any:
    """The syntax tree; raises PatternError for what no linear-time engine runs."""
    if _FORBIDDEN.search(pattern):
        raise PatternError(r"only plain groups (?:…), classes, |, *, +, ?, {m,n}, \w, \d and \s may be used")
    try:
        return _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as e:
        raise PatternError(str(e)) from None


def _required(nodes: list, at_start: bool, at_end: bool) -> frozenset[Anchor] | None:
    candidates: list[frozenset[Anchor]] = []
    runs, begins = [""], at_start  # all spellings of the run of characters that is being read

    def flush(ends: bool) -> None:
        nonlocal runs, begins
        if all(runs):
            candidates.append(frozenset(Anchor(r, begins, ends) for r in runs))
        runs, begins = [""], False

    for i, (op, value) in enumerate(nodes):
        last = at_end and i == len(nodes) - 1
        spellings = _spellings([(op, value)])
        if spellings is not None and len(runs) * len(spellings) <= _LITERALS_AT_MOST:
            runs = [r + s for r in runs for s in spellings]
            continue
        flush(False)
        first = at_start and i == 0
        inner: frozenset[Anchor] | None = None
        if spellings is not None:
            runs, begins = spellings, first
        elif op is _constants.SUBPATTERN:
            inner = _required(list(value[3]), first, last)
        elif op is _constants.BRANCH:
            parts = [_required(list(branch), first, last) for branch in value[1]]
            if all(parts):
                union = frozenset[Anchor]().union(*(p for p in parts if p))
                inner = union if len(union) <= 4 * _LITERALS_AT_MOST else None
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and value[0] >= 1:
            inner = _required(list(value[2]), first, False)  # the first round is where the pattern begins
        if inner:
            candidates.append(inner)
    flush(at_end)
    return max(
        candidates,
        key=lambda c: rarity([(a.text, AT_START * a.begins | AT_END * a.ends) for a in c]),
        default=None,
    )


def rarity(found: Collection[tuple[str, int]]) -> tuple[float, int]:
    """How seldom the least rare of some placed literals is met, to choose between sets: long and bound ones are rare."""
    return min(_weight(text) + sum(_RARER[f] for f in _RARER if flags & f) for text, flags in found), -len(
        found
    )


def _weight(literal: str) -> float:
    """Octets, and something for a sign that text seldom holds."""
    return len(literal.encode()) + 2 * bool(_SELDOM.search(literal))


def _needs_digit(nodes: list) -> bool:
    for op, value in nodes:
        if op is _constants.IN and value == [(_constants.CATEGORY, _constants.CATEGORY_DIGIT)]:
            return True
        if op is _constants.SUBPATTERN and _needs_digit(list(value[3])):
            return True
        if op is _constants.BRANCH and all(_needs_digit(list(branch)) for branch in value[1]):
            return True
        if op is _constants.MAX_REPEAT and value[0] >= 1 and _needs_digit(list(value[2])):
            return True
    return False


def _spellings(nodes: list) -> list[str] | None:
    """All strings that the nodes match, where those are few; None otherwise."""
    out = [""]
    for op, value in nodes:
        options: list[str] | None
        if op is _constants.LITERAL:
            options = [chr(value)]
        elif op is _constants.IN and len(value) <= 4 and all(o is _constants.LITERAL for o, _ in value):
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


def _expand(pattern: str) -> str:
    """Give \\w, \\d and \\s their Unicode meaning, which RE2's own lack."""
    out, i, in_class = [], 0, False
    while i < len(pattern):
        token = pattern[i : i + 2] if pattern[i] == "\\" else pattern[i]
        if token == "[":
            in_class = True
        elif token == "]":
            in_class = False
        out.append((_IN_CLASS if in_class else _EXPANSIONS).get(token, token))
        i += len(token)
    return "".join(out)
