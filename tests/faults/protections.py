"""Takes each protection out and sees its test fail: `python tests/faults/protections.py` from the checkout.

Works on a copy, so that the checkout is never touched. Each test must pass as things are, and fail with the change.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Protection:
    """A piece of code, what stands there when the protection is taken out, and the test that notices."""

    without: str
    file: str
    code: str
    instead: str
    test: str


PROTECTIONS = (
    Protection(
        "two runs may write to one output",
        "tasks/write/lock.py",
        "    if lock in _held:\n        raise OutputBusy(out)\n",
        "",
        "flows/test_flow_clean.py::test_a_second_run_on_the_same_output_is_refused",
    ),
    Protection(
        "what an earlier run had committed is not moved to its place",
        "tasks/write/units.py",
        "            _move(layout, folder)\n    return len(folders)",
        "            pass\n    return len(folders)",
        "write/test_write_crash.py::test_files_that_arrive_after_the_crash_do_not_change_a_committed_unit",
    ),
    Protection(
        "a staged shard is known by its files' names alone, not by their version",
        "tasks/write/layout.py",
        "cut = (piece.source.path, piece.source.fingerprint, piece",
        "cut = (piece.source.path, piece",
        "write/test_write_crash.py::test_staged_work_is_not_used_for_a_file_that_has_changed_since",
    ),
    Protection(
        "nothing tells the next run that copies have not been compared",
        "tasks/write/units.py",
        "        layout.uncompared.touch()\n",
        "        pass\n",
        "flows/test_flow_clean.py::test_copies_are_told_by_the_next_run_where_one_was_killed_before_it_compared",
    ),
    Protection(
        "documents that came out neither as a record nor as a reject are not missed",
        "tasks/write/stage.py",
        "if records.num_rows + rejects.num_rows != read:",
        "if False:",
        "write/test_write_check.py",
    ),
    Protection(
        "damage ends a JSONL file",
        "tasks/ingest/jsonl.py",
        "if not stream.recover():",
        "if True:",
        "faults/test_faults_hostile.py::test_members_after_a_damaged_one_are_read",
    ),
    Protection(
        "a bomb is decompressed to its end",
        "tasks/ingest/streams.py",
        "if given - origin > max(self._guard, self._max_ratio * (at - start)):",
        "if False:",
        "ingest/test_ingest_damage.py::test_bombs_stop_early_and_in_bounded_memory",
    ),
    Protection(
        "texts of any number of lines are judged",
        "flows/refusals.py",
        "long = pc.greater(lines, settings.max_document_lines)",
        "long = pc.greater(lines, 1 << 40)",
        "faults/test_faults_hostile.py::test_a_million_lines_are_one_reject_and_judged_by_nobody",
    ),
    Protection(
        "any number of lines is judged at a time",
        "tasks/strip/strip.py",
        'np.searchsorted(ends, before + _LINES, side="right")',
        "len(ends)",
        "faults/test_faults_hostile.py::test_many_lines_are_judged_portion_by_portion",
    ),
    Protection(
        "tags are nested as deep as a page likes",
        "tasks/extract/tame.py",
        "return tag[0] if depth <= _DEPTH else",
        "return tag[0] if True else",
        "faults/test_faults_hostile.py::test_only_what_lies_too_deep_loses_its_tags",
    ),
    Protection(
        "a page whose worker was killed is given up at once",
        "tasks/extract/workers.py",
        "if isinstance(result, WorkerDied):",
        "if False:",
        "extract/test_extract_pages.py::test_a_page_whose_worker_was_killed_for_something_else_is_tried_again",
    ),
    Protection(
        "workers that cannot be forked any more are not replaced",
        "tasks/extract/workers.py",
        "                    del _pools[os.getpid(), processes]\n",
        "                    pass\n",
        "extract/test_extract_pages.py::test_pages_go_on_where_the_server_that_forks_the_workers_is_killed",
    ),
    Protection(
        "what a store refuses is asked for again",
        "tasks/ingest/storage.py",
        'if "ACCESS_DENIED" in str(error):',
        "if False:",
        "faults/test_faults_store.py::test_what_a_store_refuses_is_a_reject_and_not_asked_for_over_and_over",
    ),
    Protection(
        "a store that fails is not tried again",
        "flows/clean_corpus.py",
        "return isinstance(error, OSError) and not",
        "return False and not",
        "faults/test_faults_store.py::test_a_store_that_fails_for_a_while_is_tried_again",
    ),
    Protection(
        "whatever fails is tried again",
        "flows/clean_corpus.py",
        "return isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)",
        "return True",
        "flows/test_flow_clean.py::test_other_errors_are_not_tried_again",
    ),
    Protection(
        "a run whose server is gone ends with a traceback",
        "flows/run.py",
        "    except TransportError as error:",
        "    except ZeroDivisionError as error:",
        "faults/test_faults_server.py::test_a_run_whose_server_is_killed_does_its_work_and_ends_with_a_word",
    ),
    Protection(
        "a killed run's server has no watcher",
        "flows/local_server.py",
        "        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)\n",
        "",
        "faults/test_faults_server.py::test_a_killed_run_takes_its_server_along",
    ),
    Protection(
        "a file's version is its size alone",
        "tasks/ingest/sources.py",
        'f"{size}-{changed}", folder)',
        'f"{size}", folder)',
        "faults/test_faults_world.py::test_a_file_changed_without_changing_its_size_is_cleaned_again",
    ),
    Protection(
        "credentials in a URL are taken",
        "tasks/ingest/sources.py",
        'if ":" in host.rpartition("@")[0]:',
        "if False:",
        "faults/test_faults_world.py::test_credentials_in_a_url_are_refused_and_not_repeated",
    ),
)


def broken_by(protection: Protection, copy: Path) -> bool | None:
    """Whether the test fails without the protection; None where it does not even pass with it."""
    if not passes(protection.test, copy):
        return None
    file = copy / protection.file
    code = file.read_text(encoding="utf-8")
    file.write_text(code.replace(protection.code, protection.instead), encoding="utf-8")
    try:
        return not passes(protection.test, copy)
    finally:
        file.write_text(code, encoding="utf-8")


def passes(test: str, copy: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/{test}"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 1) or "skipped" in done.stdout.splitlines()[-1]:
        raise RuntimeError(f"{test}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


def main() -> int:
    wanted = sys.argv[1:]
    chosen = [p for p in PROTECTIONS if not wanted or any(word in p.test for word in wanted)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "out", ".*_cache"))
        for protection in chosen:
            found = broken_by(protection, copy)
            unnoticed += found is not True
            said = {True: "fails, as it should", False: "STILL PASSES", None: "FAILS AS THINGS ARE"}[found]
            print(f"{said}: {protection.without}: {protection.test}", flush=True)
    print(f"{len(chosen)} protections taken out, {len(chosen) - unnoticed} noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
