"""The fuzzer's corpus, every time; and a few seconds of fuzzing where atheris is installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.fuzz_readers import one_input

CORPUS = Path(__file__).parent / "corpus"
SEEDS = sorted(CORPUS.iterdir())


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_the_corpus_is_read_without_a_finding(tmp_path, seed) -> None:
    one_input(seed.read_bytes(), tmp_path)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs the extra: fuzz")
def test_a_short_run_finds_nothing(tmp_path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("fuzz_readers.py"))]
    done = subprocess.run([*command, str(tmp_path), str(CORPUS), "-runs=300"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
