"""Rules as data: every shipped rule does what its own examples say, and a bad rule file is refused by name."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import CATEGORIES
from tasks.strip import RuleError, StripSettings, strip_text
from tasks.strip.lines.characters import matching
from tasks.strip.lines.fold import fold, fold_patterns
from tasks.strip.rules import Rule, load_rules, read_rules
from tasks.strip.rules import load as module
from tasks.strip.rules.anchors import Anchor, ways
from tasks.strip.rules.load import COMPILED, SHIPPED, _digest
from tasks.strip.rules.match import Matcher, _ranks
from tasks.strip.rules.patterns import PatternError, compile_search, is_sign, parse, plain, regex_of

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


def _naive(rules: tuple[Rule, ...], texts: list[str]) -> set[tuple[int, int]]:
    """What `Matcher.match` is to find, each rule's regexes applied to each line."""
    ranks, out = _ranks(rules), set()
    for i, text in enumerate(texts):
        found = [j for j, rule in enumerate(rules) if rule.matches(text)]
        if found:
            best = max(found, key=lambda j: ranks[j])
            same = {j for j in found if rules[j].opens and rules[j].category == rules[best].category}
            out |= {(i, j) for j in same | {best}}
    return out


def _hits(rules: tuple[Rule, ...], folded: pa.LargeStringArray) -> set[tuple[int, int]]:
    chars = np.array([len(t) for t in folded.to_pylist()], np.int64)
    hits = Matcher(rules).match(folded, chars)
    return set(zip(hits.line.tolist(), hits.rule.tolist(), strict=True))


def test_the_matcher_finds_what_the_rules_find_one_by_one() -> None:
    rules = load_rules()
    examples = [line for rule in rules for line in (rule.yes[0], rule.no[0])][::40]
    framed = [f"{mark} {line}{mark}x" for mark in ("☃", "é", "7", "日") for line in examples[:8]]
    folded = fold(pa.array([*examples, *framed, ""], pa.large_string()))
    assert _hits(rules, folded) == _naive(rules, folded.to_pylist())


PARTS = st.sampled_from(
    [
        "read",
        "more",
        "photo",
        "by",
        "12",
        "min",
        "ago",
        "3 may 2024",
        "×",
        "é",
        "日本",
        "–",
        "/",
        "|",
        "@",
        "+",
        "٣",
        "ⓒ",
        "☃",
    ]
)


@given(st.lists(st.lists(st.tuples(PARTS, st.sampled_from(["", " ", ": "])), max_size=7), max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_matcher_finds_what_the_rules_find_in_any_line(lines: list[list[tuple[str, str]]]) -> None:
    rules = tuple(rule for rule in load_rules() if rule.language in ("any", "en"))[::5]
    folded = fold(pa.array(["".join(a + b for a, b in line) for line in lines], pa.large_string()))
    assert _hits(rules, folded) == _naive(rules, folded.to_pylist())


@pytest.mark.parametrize(
    ("body", "line", "matches"),
    [
        ('patterns = ["(?:foo bar)?"]', "foo bar", True),
        ('patterns = [".*"]\nmax_chars = 9', "foo bar", True),
        ('patterns = ["foo bar"]\nalso = ["x*"]', "foo bar", True),
        ('patterns = ["foo bar"]\nunless = ["^$"]', "foo bar", True),
        ('patterns = ["foo bar"]\nunless = ["q|"]', "foo bar", False),
        ('at = "anywhere"\npatterns = ["foo$|bar"]', "bar foo", True),
    ],
)
def test_own_patterns_that_match_nothing_at_all(tmp_path: Path, body: str, line: str, matches: bool) -> None:
    file = _write(tmp_path, f'[zh.own]\n{body}\nyes = ["x"]\nno = ["y y"]')
    (rule,) = read_rules(file)
    folded = fold(
        pa.array(
            ["", line, "the tide is out", line + " so long that it is another", "x"] * 20, pa.large_string()
        )
    )
    found = _hits((rule,), folded)
    assert found == _naive((rule,), folded.to_pylist())
    assert ((1, 0) in found) == matches


def test_rules_that_share_a_condition_and_lines_of_a_slice(tmp_path: Path) -> None:
    rules = "\n".join(
        f'[en.{name}]\npatterns = ["{name} \\w+"]\nunless = ["said"]\nyes = ["x"]\nno = ["y"]'
        for name in ("read", "see")
    )
    own = tuple(read_rules(_write(tmp_path, rules.replace("\\w", "\\\\w"))))
    lines = fold(pa.array(["nothing", "read more", "see said", "see more", "read said"], pa.large_string()))[
        1:
    ]
    assert _hits(own, lines) == {(0, 0), (2, 1)} == _naive(own, lines.to_pylist())


def test_own_rules_beside_shipped_ones_that_are_partly_switched_off(tmp_path: Path) -> None:
    own = _write(
        tmp_path, '[en.own]\nat = "anywhere"\npatterns = ["the tide|zq"]\nyes = ["the tide"]\nno = ["x"]'
    )
    shipped = load_rules()
    rules = load_rules([own], disable=[rule.id for rule in shipped[::3]])
    assert len(rules) == len(shipped) - len(shipped[::3]) + 1
    lines = ["the tide is out", "zq", *(rule.yes[0] for rule in shipped[::60])]
    folded = fold(pa.array(lines, pa.large_string()))
    found = _hits(rules, folded)
    assert found == _naive(rules, folded.to_pylist())
    assert {(0, len(rules) - 1), (1, len(rules) - 1)} <= found


def test_patterns_fold_as_lines_do() -> None:
    texts = ["read \u200b more", "a\u00a0\u3000b", "caf\u0065\u0301", "i\u0307x", "straße ό ёж"]
    assert fold_patterns(texts) == fold(pa.array(texts, pa.large_string())).to_pylist()


def test_a_damaged_compiled_form_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = bytearray(COMPILED.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / COMPILED.name).write_bytes(damaged)
    monkeypatch.setattr(module, "COMPILED", tmp_path / COMPILED.name)
    monkeypatch.setattr(module, "SHIPPED", tmp_path)
    assert module._shipped() == []


def _literals(pattern: str) -> list[set[Anchor]]:
    return [set(found) for way in ways(parse(pattern)) for found in way.sets[:1]]


def test_anchors_are_in_every_match_and_know_their_place() -> None:
    assert _literals("we use (?:some )?cookies") == [
        {Anchor(text, True, True, True, True) for text in ("we use cookies", "we use some cookies")}
    ]
    assert _literals(r"\d+ min(?:uten|utes)? read") == [
        {Anchor(text, False, True, False, True) for text in (" min read", " minuten read", " minutes read")}
    ]
    assert _literals(r"(?:\w+[ -])?(?:pv|ed)[.:]+ \w+") == [
        {Anchor(text, False, False, True, True) for text in ("pv", "ed")}
    ]
    assert _literals(r"\d+") == []
    assert [way.digits for way in ways(parse(r"(?:\d+|vor \d) min"))] == [1]
    assert [way.digits for way in ways(parse(r"\d{2}|ein min"))] == [2, 0]
    assert [way.first for way in ways(parse(r"\d+ x|[ab]?c|.x"))] == ["0", "abc", None]


def test_letters_are_what_is_no_sign() -> None:
    letters = matching(r"[\pL\pN\pM]")
    signs = [c for c in range(0x20000) if is_sign(chr(c))]
    assert not letters[signs].any()
    assert plain("a☃é–½") == "a☃é–½"
    assert plain("a\u1680b\ufffd") == "a\x7fb\x7f"


def test_the_compiled_form_is_that_of_the_rule_files() -> None:
    kept = pa.ipc.open_stream(gzip.decompress(COMPILED.read_bytes())).read_all()
    assert kept.schema.metadata[b"digest"] == _digest(), "run make rules"
    assert module._to_table(module._from_table(kept)) == kept.replace_schema_metadata()
    (file,) = (file for file in FILES if file.stem == "reading_time")
    made = module._to_table(read_rules(file))
    assert kept.filter(pc.is_in(kept["id"], made["id"].combine_chunks())).replace_schema_metadata() == made


@pytest.mark.parametrize("pattern", [r"(?=x)y", r"\bword\b", "(?i)x", "(unclosed", "a" * 3 + "("])
def test_patterns_that_are_not_linear_time_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern)


def _search(pattern: str, language: str, text: str) -> bool:
    return compile_search(regex_of([pattern], "anywhere", language))(text.encode())


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
