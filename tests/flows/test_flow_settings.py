"""One set of options for the command line, the config file and the flow."""

import inspect
from pathlib import Path

import pytest

from flows.settings import Settings, SettingsError, check, read_settings


def test_the_flow_takes_exactly_the_settings_with_the_same_defaults() -> None:
    from flows.clean_corpus import clean_corpus

    parameters = dict(inspect.signature(clean_corpus.fn).parameters)
    assert list(parameters)[:2] == ["sources", "output"]
    defaults = {name: parameter.default for name, parameter in list(parameters.items())[2:]}
    assert defaults == Settings().model_dump()


def test_the_run_form_explains_and_bounds_every_parameter() -> None:
    from flows.clean_corpus import clean_corpus

    form = clean_corpus.parameters.model_dump()["properties"]
    for name, field in Settings.model_fields.items():
        assert form[name]["description"] == field.description
    assert form["sources"]["description"] and form["output"]["description"]
    assert form["format"]["enum"] == ["auto", "text", "html", "jsonl", "parquet", "warc", "wet"]
    assert form["workers"]["anyOf"][0]["minimum"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wokers": 2}, "unknown option 'wokers'; there are: format, text_field"),
        ({"format": "pdf"}, "format: 'pdf' is not accepted; it should be 'auto', 'text', 'html'"),
        ({"workers": 0}, "workers: 0 is not accepted; it should be greater than or equal to 1"),
        ({"workers": "many"}, "workers: 'many' is not accepted; it should be a valid integer"),
        ({"extract_timeout": 0}, "extract_timeout: 0 is not accepted; it should be greater than 0"),
        ({"workers": True}, "workers: True is not accepted; it should be a number, not true or false"),
        ({"max_reject_share": True}, "max_reject_share: True is not accepted; it should be a number"),
        ({"languages": ["English"]}, "languages.0: 'English' is not a language tag such as en"),
        ({"languages": 3}, "languages: 3 is not accepted"),
        ({"text_field": ""}, "text_field: '' is not accepted; it should not be empty"),
        ({"rules": "own.toml"}, "rules: 'own.toml' is not accepted; it should be a list"),
        ({"rules": [3]}, "rules.0: 3 is not accepted; it should be a path"),
        ({"dask_address": "tcp://x:1"}, "dask_address is only of use with runner = dask"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_accepted(options, message) -> None:
    with pytest.raises(SettingsError) as error:
        check(options)
    assert message in str(error.value)


def test_lists_may_be_given_with_commas() -> None:
    assert check({"languages": "en,zh-Hant"}).languages == ("en", "zh-Hant")
    assert check({"languages": ["en, de", "fr"]}).languages == ("en", "de", "fr")


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "wirebrush.toml"
    config.write_text('workers = 3\nformat = "jsonl"\nrules = ["own.toml"]\n')
    settings = read_settings(config, {"workers": 5})
    assert (settings.workers, settings.format, settings.rules) == (5, "jsonl", (tmp_path / "own.toml",))


@pytest.mark.parametrize(
    ("content", "given"),
    [
        ('runner = "dask"', ["--dask-address", "tcp://x:1"]),
        ('dask_address = "tcp://x:1"', ["--runner", "dask"]),
    ],
)
def test_options_that_belong_together_may_come_from_the_file_and_the_command_line(
    tmp_path, monkeypatch, content, given
) -> None:
    from flows import run
    from flows.cli import app

    runs: list[Settings] = []
    monkeypatch.setattr(run, "run_clean", lambda sources, output, settings: runs.append(settings))
    config = tmp_path / "wirebrush.toml"
    config.write_text(content)
    call = ["clean", "a.txt", "-o", "out", "--config", str(config), *given]
    app(call, exit_on_error=False, print_error=False, result_action="return_value")
    assert [(settings.runner, settings.dask_address) for settings in runs] == [("dask", "tcp://x:1")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"workers = ", "not valid TOML"),
        (b"\xff", "not valid TOML"),
        (b"colour = 1", "unknown option 'colour'"),
        (b"rules = 1", "rules: 1 is not accepted"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    config = tmp_path / "wirebrush.toml"
    config.write_bytes(content)
    with pytest.raises(SettingsError, match=message) as error:
        read_settings(config)
    assert str(error.value).startswith(str(config))


def test_a_config_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_settings(tmp_path / "none.toml")


def test_the_digest_changes_with_what_shapes_the_output_alone(tmp_path: Path) -> None:
    rules = tmp_path / "own.toml"
    rules.write_text("one")
    digest = Settings(rules=(rules,)).digest()
    assert Settings(rules=(rules,), workers=7, runner="process", full=True, shard_bytes=9).digest() == digest
    assert Settings(rules=(rules,), languages=("en",)).digest() != digest
    assert Settings(rules=(rules,), extractor="resiliparse").digest() != digest
    assert Settings(languages=("en", "de")).digest() == Settings(languages=("de", "en")).digest()
    rules.write_text("two")
    assert Settings(rules=(rules,)).digest() != digest
    rules.unlink()
    with pytest.raises(SettingsError, match=r"own\.toml"):
        Settings(rules=(rules,)).digest()
