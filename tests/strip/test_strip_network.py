"""The network: its weights are plain arrays, and a document is judged alone, whatever the batch."""

import itertools
import os
import subprocess
import sys
import zipfile
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from schemas import HINT_IMAGE, HINT_LINKS, HINT_OCTETS
from tasks.strip.lines import Lines
from tasks.strip.model.features import features
from tasks.strip.model.main_text import main_text, shipped, shipped_for_html
from tasks.strip.model.markup import hint_columns
from tasks.strip.model.network import DILATIONS, Network
from tasks.strip.model.second_look import second_look
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.structure import title
from tasks.strip.structure.body import find_body
from tasks.strip.structure.judge import judge
from tasks.strip.structure.words import Spread
from tasks.strip.weights import FOLDER

INPUTS, WIDTH = 5, 4


@pytest.fixture
def network() -> Network:
    choose = np.random.default_rng(3)

    def some(*shape: int) -> np.ndarray:
        return choose.normal(scale=0.5, size=shape).astype(np.float32)

    return Network(
        mean=some(INPUTS),
        scale=some(INPUTS),
        dense=some(INPUTS, WIDTH),
        dense_bias=some(WIDTH),
        blocks=tuple(some(WIDTH, 3 * WIDTH) for _ in DILATIONS),
        biases=tuple(some(WIDTH) for _ in DILATIONS),
        head=some(WIDTH),
        head_bias=some(1),
    )


def test_weights_come_back_as_they_were_saved(network: Network, tmp_path: Path) -> None:
    network.save(tmp_path / "weights.npz")
    again = Network.read(tmp_path / "weights.npz")
    for field in fields(Network):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(network, field.name))


def test_weights_that_hold_a_pickle_are_refused(network: Network, tmp_path: Path) -> None:
    network.save(tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz") as saved:
        arrays = dict(saved)
    arrays["mean"] = np.array([{"code": "any"}], dtype=object)
    np.savez(tmp_path / "pickled.npz", **arrays)
    with pytest.raises(ValueError, match="allow_pickle"):
        Network.read(tmp_path / "pickled.npz")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.npz")), ids=lambda path: path.stem)
def test_the_shipped_weights_are_plain_arrays(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".npy"}
    with np.load(path, allow_pickle=False) as arrays:
        assert all(np.isfinite(arrays[name]).all() for name in arrays.files)


def test_documents_do_not_see_each_other(network: Network) -> None:
    sizes = [1, 7, 0, 40, 2]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.random.default_rng(4).normal(size=(offsets[-1], INPUTS)).astype(np.float32)
    together = network.probabilities([rows], offsets)
    for first, last in itertools.pairwise(offsets):
        alone = network.probabilities([rows[first:last]], np.array([0, last - first]))
        np.testing.assert_allclose(together[first:last], alone, rtol=1e-4, atol=1e-6)


def test_what_is_said_of_a_document_is_the_same_to_the_bit_in_any_company() -> None:
    choose = np.random.default_rng(5)
    sizes = [3, 700, 1, 40, 0, 2_500, 260, 9]
    offsets = np.concatenate(([0], np.cumsum(sizes)))

    def probabilities(network: Network, rows: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        return network.probabilities([rows], bounds)

    judges = [(network.mean, partial(probabilities, network)) for network in (*shipped(), shipped_for_html())]
    for mean, judge_of in [*judges, (title.shipped().mean, title.shipped().scores)]:
        rows = choose.normal(size=(len(mean), offsets[-1])).astype(np.float32).T
        together = judge_of(rows, offsets)
        for first, last in itertools.pairwise(offsets):
            alone = judge_of(rows[first:last].copy(), np.array([0, last - first]))
            np.testing.assert_array_equal(together[first:last], alone)


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("processor", ["Prescott", "Nehalem", "Sandybridge", "Haswell"])
def test_it_is_so_with_the_kernels_of_other_processors(processor: str, threads: str) -> None:
    """Where numpy comes with OpenBLAS, which may be told to do as on another processor; elsewhere it is told nothing new."""
    this = f"{__file__}::{test_what_is_said_of_a_document_is_the_same_to_the_bit_in_any_company.__name__}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", this]
    told = os.environ | {"OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("told", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
@pytest.mark.parametrize("package", ["tasks", "tasks.strip", "flows"])
def test_numpy_is_told_to_use_one_thread_where_it_is_told_nothing(
    package: str, told: dict[str, str], threads: str
) -> None:
    """Before it is loaded, which is when it reads this."""
    said = """
import os, sys
class Watch:
    def find_spec(self, name, *_):
        if name == "numpy":
            print(os.environ.get("OPENBLAS_NUM_THREADS"))
            sys.meta_path.remove(self)
sys.meta_path.insert(0, Watch())
"""
    code = f"{said}import {package}, numpy"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | told
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == f"{threads}\n", done.stderr


def test_lines_of_one_document_do_see_each_other(network: Network) -> None:
    rows = np.random.default_rng(4).normal(size=(20, INPUTS)).astype(np.float32)
    apart = network.probabilities([rows], np.arange(21))
    assert np.abs(network.probabilities([rows], np.array([0, 20])) - apart).max() > 0.01


def test_blocks_of_columns_stand_side_by_side(network: Network) -> None:
    rows = np.random.default_rng(4).normal(size=(20, INPUTS)).astype(np.float32)
    whole = network.probabilities([rows], np.array([0, 20]))
    parts = network.probabilities([rows[:, :2], rows[:, 2:]], np.array([0, 20]))
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-6)


def test_a_batch_without_lines_has_no_probabilities(network: Network) -> None:
    assert network.probabilities([np.zeros((0, INPUTS), np.float32)], np.array([0, 0, 0])).shape == (0,)


def seen_of(*texts: str) -> tuple[Lines, Spread, np.ndarray]:
    lines = Lines(pa.array(texts, pa.large_string()))
    rules = load_rules()
    claims = claim(lines, matcher(rules))
    body = find_body(lines, claims, [None] * len(texts))
    seen = features(lines, claims, body, judge(lines, claims, body, [rule.id for rule in rules]))
    return lines, body.spread, seen


def test_the_shipped_networks_take_what_they_are_told() -> None:
    lines, spread, seen = seen_of("Most read\nThe ferry is back in the harbour.", "")
    first, second = shipped()
    assert seen.shape == (2, len(first.dense))
    assert len(second.dense) == seen.shape[1] + second_look(lines, spread, np.zeros(2, np.float32)).shape[1]
    _, columns = hint_columns(lines, pa.array([bytes(2 * HINT_OCTETS), None], pa.large_binary()))
    assert len(shipped_for_html().dense) == seen.shape[1] + columns.shape[1]
    for network in (first, second, shipped_for_html()):
        assert len(network.mean) == len(network.scale) == len(network.dense)


def test_what_an_image_shows_is_no_share_of_links() -> None:
    lines = Lines(pa.array(["Harbour\nThe mole"], pa.large_string()))
    octets = np.zeros((2, HINT_OCTETS), np.uint8)
    octets[:, 0] = 2 * HINT_LINKS, 2 * HINT_LINKS + HINT_IMAGE
    _, columns = hint_columns(lines, pa.array([octets.tobytes()], pa.large_binary()))
    without, with_image = columns
    assert np.flatnonzero(without != with_image).tolist() == [4]


def test_a_text_is_judged_by_both_looks_and_alike_beside_one_with_hints() -> None:
    text = "Most read\nThe ferry is back in the harbour.\nThe harbour had been closed since Monday."
    lines, spread, seen = seen_of(text, text, text)
    hints = pa.array([None, bytes(3 * HINT_OCTETS), b"too few"], pa.large_binary())
    told = main_text(lines, spread, seen, hints).main
    first, untold = main_text(lines, spread, seen, pa.array([None] * 3, pa.large_binary()))
    assert ((untold > 0) & (untold < 1)).all()
    np.testing.assert_array_equal(told[:3], untold[:3])
    np.testing.assert_array_equal(told[6:], untold[6:])
    assert (np.abs(told[3:6] - untold[3:6]) > 1e-3).any()
    np.testing.assert_array_equal(first, shipped().first.probabilities([seen], lines.offsets))
    assert (first != untold).all()
