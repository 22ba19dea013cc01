"""The documentation says what the code does."""

import contextlib
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from flows.settings import Settings, read_settings
from tasks.strip import RuleError, StripSettings, strip_text

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/configuration.md", "docs/guarantees.md", "docs/operations.md", "docs/output.md"],
)
def test_generated_parts_are_up_to_date(name: str) -> None:
    generate = load(ROOT / "docs/generate.py")
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "<!-- generated:" in text
    assert text == generate.refreshed(text), f"{name} is out of date: make docs"


def test_the_readme_s_library_example_holds() -> None:
    (code,) = blocks(ROOT / "README.md", "python")
    names: dict[str, object] = {}
    with contextlib.chdir(ROOT):
        exec(code, names)
    claims = re.findall(r"^(\S+)  +# ('[^']*')$", code, re.MULTILINE)
    assert len(claims) == 3
    for expression, value in claims:
        assert repr(eval(expression, names)) == value, expression


def test_the_config_file_of_the_docs_is_accepted(tmp_path: Path) -> None:
    (config,) = blocks(ROOT / "docs/configuration.md", "toml")
    (tmp_path / "wirebrush.toml").write_text(config, encoding="utf-8")
    settings = read_settings(tmp_path / "wirebrush.toml")
    assert settings.model_fields_set == tomllib.loads(config).keys()
    assert settings.rules == (tmp_path / "rules/our-sites.toml",)
    strip_text("", settings=StripSettings(disable_rules=settings.disable_rules))  # the id exists


def test_the_rule_of_the_docs_fires_and_can_be_switched_off(tmp_path: Path) -> None:
    rule, switch = blocks(ROOT / "docs/rules.md", "toml")
    own = tmp_path / "our-sites.toml"
    own.write_text(rule, encoding="utf-8")
    page = "The tide mill turned on Saturday, the trust said.\nKeep the Harbour Courier afloat: give now"
    spans = strip_text(page, settings=StripSettings(rules=(own,))).spans
    assert ("donation_appeal.en.our-sites", page.split("\n")[1]) in [
        (span.rule, page[span.start : span.end]) for span in spans
    ]
    Settings.model_validate(tomllib.loads(switch))
    strip_text("", settings=StripSettings(disable_rules=tuple(tomllib.loads(switch)["disable_rules"])))

    without = tmp_path / "without-no-lines.toml"
    without.write_text(re.sub(r"^no = .*$", "", rule, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(RuleError, match="no is missing or empty"):
        strip_text("", settings=StripSettings(rules=(without,)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_bundled_examples_are_those_of_their_parts(tmp_path: Path) -> None:
    from tasks.ingest import IngestOptions, list_sources, plan_units, read_shard

    def read(folder: Path) -> list[tuple[int, list[dict[str, object]]]]:
        with contextlib.chdir(folder):
            bundles = [glob for ending in ("jsonl.gz", "warc.gz", "parquet") for glob in [f"*/*.{ending}"]]
            shards = [shard for unit in plan_units(list_sources(bundles)) for shard in unit.shards]
            return [
                (rejects.num_rows, documents.to_pylist())
                for shard in shards
                for documents, rejects in read_shard(shard, IngestOptions())
            ]

    load(ROOT / "examples/build.py").build(tmp_path)
    assert read(tmp_path) == read(ROOT / "examples/pages")
    assert sum(rejects for rejects, _ in read(tmp_path)) == 1
    assert sum(len(documents) for _, documents in read(tmp_path)) == 12
