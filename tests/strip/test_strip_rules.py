"""Rules as data: every shipped rule does what its own examples say, and a bad rule file is refused by name."""

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from schemas import CATEGORIES
from tasks.strip import RuleError, StripSettings, strip_text
from tasks.strip.fold import fold
from tasks.strip.match import Matcher
from tasks.strip.patterns import Anchor, PatternError, anchors, compile_regex, needs_digit, parse, regex_of
from tasks.strip.rules import COMPILED, SHIPPED, _digest, load_rules, read_rules

LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "fa",
    "zh",
    "ja",
    "ko",
    "hi",
    "id",
    "vi",
    "sv",
    "el",
    "cs",
    "ro",
    "hu",
]
FILES = sorted(SHIPPED.glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_rule_matches_its_yes_lines_and_not_its_no_lines(file: Path) -> None:
    broken = {rule.id: said for rule in read_rules(file) if (said := rule.broken_examples())}
    assert broken == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_rules_in_the_categories_that_words_tell(language: str) -> None:
    have = {rule.category for rule in load_rules() if rule.language == language}
    told_by_structure = {"title", "duplicate", "separator", "boilerplate", "language_menu"}
    assert set(CATEGORIES) - told_by_structure - have == set()


def test_the_matcher_finds_what_the_rules_find_one_by_one() -> None:
    rules = load_rules()
    examples = [line for rule in rules for line in (rule.yes[0], rule.no[0])]
    folded = fold(pa.array(examples, pa.large_string()))
    chars = np.array([len(t) for t in folded.to_pylist()])
    hits = Matcher(rules).match(folded, chars)
    found = set(zip(hits.line.tolist(), hits.rule.tolist(), strict=True))
    for i, text in enumerate(folded.to_pylist()[:400]):
        assert {r for line, r in found if line == i} == {
            j for j, rule in enumerate(rules) if rule.matches(text)
        }


def test_anchors_are_in_every_match_and_know_their_place() -> None:
    assert anchors("we use (?:some )?cookies") == {
        Anchor("we use cookies", True, True),
        Anchor("we use some cookies", True, True),
    }
    assert anchors(r"\d+ min(?:uten|utes)? read") == {
        Anchor(text, False, True) for text in (" min read", " minuten read", " minutes read")
    }
    assert anchors(r"\d+") is None
    assert needs_digit(r"(?:\d+|vor \d) min")
    assert not needs_digit(r"(?:\d+|ein) min")


def test_the_compiled_form_is_that_of_the_rule_files() -> None:
    kept = json.loads(gzip.decompress(COMPILED.read_bytes()))
    assert kept["digest"] == _digest(), "run make rules"


@pytest.mark.parametrize("pattern", [r"(?=x)y", r"\bword\b", "(?i)x", "(unclosed", "a" * 3 + "("])
def test_patterns_that_are_not_linear_time_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern)


def _search(pattern: str, language: str, text: str) -> bool:
    return compile_regex(regex_of([pattern], "anywhere", language)).search(text) is not None


def test_words_have_boundaries_in_every_script_that_has_words() -> None:
    assert not _search("поддержать", "ru", "неподдержать нас")
    assert _search("поддержать", "ru", "просим поддержать нас")
    assert _search("责任编辑", "zh", "本文责任编辑张三")


def _write(tmp_path: Path, body: str) -> Path:
    file = tmp_path / "own.toml"
    file.write_text('category = "legal_notice"\n' + body, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[en.a]\npatterns = ['x']\nyes = ['x']", "no is missing"),
        ("[en.a]\npatterns = ['x']\nno = ['y']", "yes is missing"),
        ("[en.a]\npattern = ['x']\nyes = ['x']\nno = ['y']", "unknown key 'pattern'"),
        ("[en.a]\npatterns = ['X']\nyes = ['x']\nno = ['y']", "capitals"),
        ("[en.a]\npatterns = ['x']\nyes = ['x']\nno = ['y']\nscore = 2", "score = 2"),
        ("[en.a]\npatterns = ['(x']\nyes = ['x']\nno = ['y']", "en.a"),
        ("[en.a]\npatterns = ['x']\nyes = ['x']\nno = ['y']\nat = 'middle'", "at = 'middle'"),
        ("[en", "own.toml"),
    ],
)
def test_a_bad_rule_file_is_refused_with_what_is_wrong(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(RuleError, match=r"own\.toml") as error:
        load_rules([_write(tmp_path, body)])
    assert said in str(error.value)


ARTICLE = "\n".join(
    [
        "Harbour dredging to start in spring",
        "The harbour of Lowmere will be dredged for the first time in forty years, the council said on Monday.",
        "Engineers expect to move some 90,000 tonnes of silt before the first ferries of the season arrive.",
        "Fishermen have asked that the work stop during the herring run, which usually begins in late April.",
        "Zorblatt Media reserves everything.",
    ]
)


def test_own_rules_act_and_can_be_switched_off(tmp_path: Path) -> None:
    own = _write(
        tmp_path,
        '[en.zorblatt]\npatterns = ["zorblatt media reserves everything"]\n'
        'yes = ["Zorblatt Media reserves everything."]\nno = ["Zorblatt Media grew."]',
    )
    with_rule = strip_text(ARTICLE, settings=StripSettings(rules=(own,)))
    assert with_rule.spans[-1].category == "legal_notice"
    assert with_rule.spans[-1].rule == "legal_notice.en.zorblatt"
    off = strip_text(
        ARTICLE, settings=StripSettings(rules=(own,), disable_rules=("legal_notice.en.zorblatt",))
    )
    assert all(span.rule != "legal_notice.en.zorblatt" for span in off.spans)


def test_an_unknown_id_cannot_be_switched_off_in_silence() -> None:
    with pytest.raises(RuleError, match=r"no rule has the id 'legal_notice\.en\.none'"):
        load_rules(disable=["legal_notice.en.none"])
