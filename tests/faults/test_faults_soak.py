"""Runs soak.py, which says what is measured and what has to hold: `SOAK=200 pytest tests/faults`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = os.environ.get("SOAK", "")


@pytest.mark.skipif(not SOAK, reason="takes minutes: set SOAK to a number of runs, such as 200")
def test_memory_files_and_database_stay_flat_and_nothing_is_lost() -> None:
    command = [sys.executable, str(Path(__file__).with_name("soak.py")), "--runs", SOAK]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
