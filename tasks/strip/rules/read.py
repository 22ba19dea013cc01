"""Rules from TOML, checked when read: a file that says something unknown is refused."""

import tomllib
from pathlib import Path
from typing import Any

from schemas import CATEGORIES
from tasks.strip.lines.fold import fold_patterns
from tasks.strip.rules.patterns import PatternError, parse
from tasks.strip.rules.rule import Rule, RuleError
from tasks.strip.rules.signs import signs_of

_POSITIONS = ("whole", "start", "end", "anywhere")
_OPENS = ("list", "form", "thread", "end")
_KEYS = {"at", "patterns", "also", "unless", "max_chars", "score", "opens", "yes", "no"}
_PATTERN_CHARS_AT_MOST = 20_000


def read_rules(file: Path) -> list[Rule]:
    """The rules of one file."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise RuleError(f"{file}: {e}") from None
    category = data.pop("category", None)
    if category not in CATEGORIES:
        raise RuleError(f"{file}: category = {category!r}; one of {', '.join(CATEGORIES)} is needed")
    rules = []
    for language, section in data.items():
        if not isinstance(section, dict):
            raise RuleError(f"{file}: {language!r} is no language section")
        for name, body in section.items():
            where = f"{category}.{language}.{name}"
            try:
                rules.append(_rule(where, category, language, body))
            except (PatternError, RuleError) as e:
                raise RuleError(f"{file}: {where}: {e}") from None
    return rules


def _rule(id_: str, category: str, language: str, body: Any) -> Rule:
    if not isinstance(body, dict):
        raise RuleError("a rule is a table")
    if unknown := body.keys() - _KEYS:
        raise RuleError(f"unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    lists = {key: _strings(body, key) for key in ("patterns", "also", "unless", "yes", "no")}
    for key in ("patterns", "yes", "no"):
        if not lists[key]:
            raise RuleError(f"{key} is missing or empty")
    at, opens = body.get("at", "whole"), body.get("opens")
    score, max_chars = body.get("score", 0.95), body.get("max_chars", 400)
    if at not in _POSITIONS:
        raise RuleError(f"at = {at!r}; one of {', '.join(_POSITIONS)} is needed")
    if opens is not None and opens not in _OPENS:
        raise RuleError(f"opens = {opens!r}; one of {', '.join(_OPENS)} is needed")
    if not isinstance(score, int | float) or not 0 < score <= 1:
        raise RuleError(f"score = {score!r}; a number above 0 and up to 1 is needed")
    if not isinstance(max_chars, int) or max_chars < 1:
        raise RuleError(f"max_chars = {max_chars!r}; a positive whole number is needed")
    if sum(map(len, lists["patterns"])) > _PATTERN_CHARS_AT_MOST:
        raise RuleError(f"the patterns have more than {_PATTERN_CHARS_AT_MOST} characters")
    patterns, also, unless = (fold_patterns(list(lists[key])) for key in ("patterns", "also", "unless"))
    for p in patterns + also + unless:
        parse(p)  # refuses what is not linear-time
        if p != p.lower():
            raise RuleError(f"pattern {p!r} has capitals, and folded lines have none")
    return Rule(
        id=id_,
        category=category,
        language=language,
        at=at,
        max_chars=max_chars,
        score=float(score),
        opens=opens,
        patterns=patterns,
        also=also,
        unless=unless,
        yes=lists["yes"],
        no=lists["no"],
        signs=signs_of(patterns, also, at, language),
    )


def _strings(body: dict[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise RuleError(f"{key} is a list of non-empty strings")
    return tuple(value)
