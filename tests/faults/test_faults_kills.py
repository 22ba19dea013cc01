"""The short form of kills.py, which says what is tried and what has to hold: `KILLS=12 pytest tests/faults`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = os.environ.get("KILLS", "")


@pytest.mark.skipif(not KILLS, reason="takes minutes: set KILLS to a number of kills at random moments")
def test_killed_runs_lose_nothing() -> None:
    command = [sys.executable, str(Path(__file__).with_name("kills.py")), "--kills", KILLS]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("promises broken: 0")
