"""The list in protections.py, which takes minutes to run, stays true to the code: `PROTECTIONS=1` runs it."""

import os
import subprocess
import sys

import pytest

from tests.faults.protections import PROTECTIONS, ROOT, Protection


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.without)
def test_the_code_and_the_test_are_there(protection: Protection) -> None:
    assert (ROOT / protection.file).read_text(encoding="utf-8").count(protection.code) == 1
    file, _, function = protection.test.partition("::")
    assert f"def {function}" in (ROOT / "tests" / file).read_text(encoding="utf-8")


@pytest.mark.skipif("PROTECTIONS" not in os.environ, reason="takes minutes: set PROTECTIONS=1")
def test_every_protection_is_missed_when_it_is_taken_out() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/faults/protections.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
