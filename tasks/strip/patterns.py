"""From a rule's patterns to one linear-time regex, and to the literals without which it cannot match.

Patterns are written in the common subset of Python's and RE2's syntax. Python's parser reads them (to find the
literals, and to refuse what RE2 lacks, such as look-around and back-references); RE2 alone runs them.
"""

import re
from re import _constants, _parser  # type: ignore[attr-defined]

import re2

#: Languages whose words are not set apart by spaces, or carry endings glued on: no word boundaries are asked for.
UNSPACED = frozenset({"zh", "ja", "ko", "th", "lo", "my", "km"})

_LETTER = r"\pL\pN\pM"
_EXPANSIONS = {r"\w": f"[{_LETTER}]", r"\d": r"\p{Nd}", r"\s": " "}
_IN_CLASS = {r"\w": _LETTER, r"\d": r"\p{Nd}", r"\s": " "}
_FORBIDDEN = re.compile(r"\\[bBAZWDSpPGQE]|\(\?[^:]|\(\?$")
_SYNTAX = re.compile(r"[][\\(){}|*+?.^$]")
_LITERALS_AT_MOST = 64


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


def compile_patterns(patterns: list[str], at: str, language: str) -> "re2._Regexp":
    """One RE2 regex for all patterns. `at`: whole, start, end or anywhere in the folded line."""
    body = "|".join(_expand(p) for p in patterns)
    left, right = ("", "") if language in UNSPACED else (f"(?:^|[^{_LETTER}])", f"(?:[^{_LETTER}]|$)")
    regex = {
        "whole": f"^(?:{body})$",
        "start": f"^(?:{body}){right}",
        "end": f"{left}(?:{body})$",
        "anywhere": f"{left}(?:{body}){right}",
    }[at]
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 32 << 20
    try:
        return re2.compile(regex, options)
    except re2.error as e:
        raise PatternError(f"not a linear-time regex: {e.args[0]!r}") from None


def literals(pattern: str) -> frozenset[str] | None:
    """Strings of which every match of `pattern` holds at least one; None where there is no such set."""
    if not _SYNTAX.search(pattern):
        return frozenset({pattern})
    if _FORBIDDEN.search(pattern):
        raise PatternError(r"only plain groups (?:…), classes, |, *, +, ?, {m,n}, \w, \d and \s may be used")
    try:
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as e:
        raise PatternError(str(e)) from None
    return _required(list(tree))


def _required(nodes: list) -> frozenset[str] | None:
    candidates: list[frozenset[str]] = []
    runs: list[str] = [""]  # all spellings of the run of characters that is being read

    def flush() -> None:
        nonlocal runs
        if all(runs):
            candidates.append(frozenset(runs))
        runs = [""]

    for op, value in nodes:
        spellings = _spellings([(op, value)])
        if spellings is not None and len(runs) * len(spellings) <= _LITERALS_AT_MOST:
            runs = [r + s for r in runs for s in spellings]
            continue
        flush()
        if spellings is not None:
            runs = spellings
        elif op is _constants.SUBPATTERN:
            inner = _required(list(value[3]))
            if inner:
                candidates.append(inner)
        elif op is _constants.BRANCH:
            parts = [_required(list(branch)) for branch in value[1]]
            if all(parts):
                union = frozenset[str]().union(*(p for p in parts if p))
                if len(union) <= 4 * _LITERALS_AT_MOST:
                    candidates.append(union)
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and value[0] >= 1:
            inner = _required(list(value[2]))
            if inner:
                candidates.append(inner)
    flush()
    # The longest of the shortest: a long literal is rare, and rare literals make few candidates.
    return max(candidates, key=lambda c: (min(map(len, c)), -len(c)), default=None)


def _spellings(nodes: list) -> list[str] | None:
    """All strings that the nodes match, where those are few; None otherwise."""
    out = [""]
    for op, value in nodes:
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
