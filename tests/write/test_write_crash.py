"""A run that dies at any step, and the one that comes after it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.write import durable, load_ledger, stage, units

#: Everything through which the writer changes the disk: (module, name).
STEPS = [
    (units, "new_folder"),
    (units, "move_file"),
    (units, "link_or_copy"),
    (units, "sync"),
    (units, "_write_ledger"),
    (units, "_copy_rows"),
    (stage, "new_folder"),
    (durable, "sync"),
    (durable.os, "replace"),
    (Path, "rename"),
    (Path, "rmdir"),
    (Path, "write_text"),
]


class Crash(BaseException):
    """Not an Exception: nothing in the writer may catch it and tidy up as if it had failed in order."""


def crash_at(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, call: int, after: bool
) -> Callable[[], int]:
    """Die before or after the given call (from 0) of a function; return a function that counts its calls."""
    real, calls = getattr(place, name), [0]

    def dying(*arguments: object, **options: object) -> object:
        number = calls[0]
        calls[0] += 1
        if number == call and not after:
            raise Crash
        result = real(*arguments, **options)
        if number == call and after:
            raise Crash
        return result

    monkeypatch.setattr(place, name, dying)
    return lambda: calls[0]


@pytest.fixture
def renewed(filled):  # type: ignore[no-untyped-def]
    """A published output with work to do: a changed file in a pack, a changed big file, new files."""
    filled.run()
    filled.put("a", "alpha one #menu", "alpha changed #share")
    filled.put("big", "b0 #x", "b1", "!", "b3 #yy", "b4", "b5")
    filled.put("e", "epsilon #tags")
    return filled


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), STEPS, ids=[f"{p.__name__}.{n}" for p, n in STEPS])
def test_a_rerun_after_a_crash_gives_the_same_bytes(
    renewed, monkeypatch, tmp_path, place, name, after
) -> None:
    start = renewed.layout.out
    untouched = tmp_path / "untouched"
    copy(start, untouched)
    renewed.run()
    expected = renewed.published()

    died, call = 0, 0
    while True:
        remove(start)
        copy(untouched, start)
        with monkeypatch.context() as patched:
            calls = crash_at(patched, place, name, call, after)
            try:
                renewed.run()
            except Crash:
                died += 1
            if calls() <= call:
                break
        renewed.run()
        assert renewed.published() == expected, f"{name}, call {call}"
        assert [path.name for path in renewed.layout.staging.iterdir()] == ["lock"]
        call += 1
    assert died == call > 0


def test_what_was_staged_before_the_crash_is_not_cleaned_again(filled, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        crash_at(patched, type(filled), "stage", 2, after=False)
        with pytest.raises(Crash):
            filled.run()
    assert filled.cleaned == ["big:0", "big:2"]
    assert filled.run() == ["big:4", "a:0", "b:0", "c:0", "d:0"]


def test_staged_work_is_not_used_for_a_file_that_has_changed_since(filled, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        crash_at(patched, units, "new_folder", 0, after=False)
        with pytest.raises(Crash):
            filled.run()
    filled.put("big", "c0", "c1", "c2", "c3", "c4")
    assert filled.run()[:3] == ["big:0", "big:2", "big:4"]


def test_files_that_arrive_after_the_crash_do_not_change_a_committed_unit(filled, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        crash_at(patched, units, "move_file", 6, after=False)
        with pytest.raises(Crash):
            filled.run()
    filled.put("aa", "a late one")
    filled.run()
    names = [
        Path(path).stem for sources in load_ledger(filled.layout).sources_of.values() for path in sources
    ]
    assert sorted(names) == ["a", "aa", "b", "big", "c", "d"]


def test_a_killed_process_leaves_the_output_free(filled) -> None:
    child = os.fork()
    if child == 0:  # pragma: no cover
        units.move_file = lambda *_: os._exit(9)
        filled.run()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not (filled.layout.out / "records").exists()
    filled.run()
    assert len(list((filled.layout.out / "records").iterdir())) == 3


def copy(source: Path, target: Path) -> None:
    """Copy a folder with plain calls: the functions that the tests break are in use by shutil and pathlib."""
    os.mkdir(target)
    for entry in os.scandir(source):
        if entry.is_dir():
            copy(Path(entry.path), target / entry.name)
        else:
            with open(entry.path, "rb") as old, open(target / entry.name, "wb") as new:
                new.write(old.read())


def remove(folder: Path) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir():
            remove(Path(entry.path))
        else:
            os.unlink(entry.path)
    os.rmdir(folder)
