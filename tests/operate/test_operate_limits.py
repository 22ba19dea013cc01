"""Limits hold back all that was cleaned, and a run without one waits for nothing."""

from pathlib import Path

import pytest

from flows import limits
from flows.settings import check
from tasks.write import Layout, Totals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_reject_share": 0.2}, "25.0 % of the documents rejected, and no more than 20.0 % is allowed"),
        ({"max_removed_share": 0.3}, "40.0 % of the text removed, and no more than 30.0 % is allowed"),
        ({"max_reject_share": 0.25, "max_removed_share": 0.4}, None),
        ({}, None),
    ],
)
def test_beyond_a_limit_the_message_says_which(options, message) -> None:
    totals = Totals(records=75, rejects=25, raw_chars=1000, removed_chars=400)
    if message is None:
        limits.check_limits(totals, check(options))
    else:
        with pytest.raises(limits.LimitPassed) as passed:
            limits.check_limits(totals, check(options))
        assert str(passed.value) == message


@pytest.mark.parametrize(("options", "handed_on_early"), [({}, True), ({"max_reject_share": 0.5}, False)])
def test_units_are_held_back_only_where_there_is_a_limit(monkeypatch, options, handed_on_early) -> None:
    monkeypatch.setattr(limits, "unit_totals", lambda *_: Totals(records=1))
    cleaned: list[str] = []

    def units():  # type: ignore[no-untyped-def]
        for key in ("a", "b", "c"):
            cleaned.append(key)
            yield key, []

    handed_on = limits.held_back(units(), check(options), Layout(Path("out")), "digest")
    assert next(handed_on) == ("a", [])
    assert (cleaned == ["a"]) is handed_on_early
    assert [key for key, _ in handed_on] == ["b", "c"]
